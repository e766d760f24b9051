"""Arrays by name in files: `.npz`, one `.npy`, or `.csv` with a row for each sample."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ebmdsl.lower.loop import Status
from ebmdsl.runtime.directory import write_whole
from ebmdsl.runtime.errors import RefusedError, RunError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Arrays = Mapping[str, NDArray[Any]]
Shapes = Mapping[str, tuple[int, ...]]
_COLUMN = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<entry>\d+)\])?")


def read_arrays(path: Path, *, only: str, shapes: Shapes) -> dict[str, NDArray[Any]]:
    """Read arrays by name; nothing in the file can run.

    `.npy`, and `.csv` without column names, hold the one variable `only`. A table has a column
    `y`, or columns `y[0]`, `y[1]`, …, for each variable, in the order of its entries; an
    empty cell is not known. `shapes` are those of one sample, by variable.
    """
    try:
        if path.suffix == ".csv":
            return _read_table(path, only=only, shapes=shapes)
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {only: loaded}
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError:
        raise RunError(f"{path} does not exist") from None
    except (ValueError, EOFError, zipfile.BadZipFile):
        raise RefusedError(f"{path} is not a plain array file (.npz, .npy or .csv)") from None
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}") from None


def _read_table(path: Path, *, only: str, shapes: Shapes) -> dict[str, NDArray[Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if row]
    if not rows:
        raise RunError(f"{path} is empty")
    named = any(_number(cell) is None for cell in rows[0])
    head = rows[0] if named else [f"{only}[{at}]" for at in range(len(rows[0]))]
    cells = np.array([_numbers(row, path, width=len(head)) for row in rows[named:]])
    cells = cells.reshape(-1, len(head))
    columns: dict[str, list[NDArray[Any]]] = {}
    for at, title in enumerate(head):
        name, entry = _titled(title.strip(), path)
        held = columns.setdefault(name, [])
        if entry != len(held):
            raise RunError(
                f"{path}: column `{title}` is not in order, `{name}[{len(held)}]` is next"
            )
        held.append(cells[:, at])
    return {name: _shaped(name, held, shapes=shapes) for name, held in columns.items()}


def _titled(title: str, path: Path) -> tuple[str, int]:
    found = _COLUMN.fullmatch(title)
    if found is None:
        raise RunError(f"{path}: `{title}` names no column; write `y` or `y[0]`")
    return found["name"], int(found["entry"] or 0)


def _shaped(name: str, columns: Sequence[NDArray[Any]], *, shapes: Shapes) -> NDArray[Any]:
    """Give a variable its own axes where the number of its columns allows it."""
    table = np.stack(columns, 1)
    own = shapes.get(name, (len(columns),))
    return table.reshape(-1, *own) if prod(own) == len(columns) else table


def _numbers(row: Sequence[str], path: Path, *, width: int) -> list[float]:
    if len(row) != width:
        raise RunError(f"{path}: a row has {len(row)} cells, the first has {width}")
    found = [float("nan") if not cell.strip() else _number(cell) for cell in row]
    for cell, number in zip(row, found, strict=True):
        if number is None:
            raise RunError(f"{path}: `{cell}` is no number")
    return [number for number in found if number is not None]


def _number(cell: str) -> float | None:
    try:
        return float(cell) if cell.strip() else float("nan")
    except ValueError:
        return None


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write an `.npz` at once, or a `.csv` with a row for each sample."""
    try:
        write_whole(path, _table(arrays) if path.suffix == ".csv" else _packed(arrays))
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from None


def _packed(arrays: Arrays) -> bytes:
    held = io.BytesIO()
    np.savez_compressed(held, allow_pickle=False, **arrays)
    return held.getvalue()


def _table(arrays: Arrays) -> bytes:
    """Return a table with a column for every entry; the status is a word."""
    head: list[str] = []
    columns: list[Sequence[Any]] = []
    for name, x in arrays.items():
        flat = x.reshape(len(x), -1)
        single = x.ndim == 1
        head += [name] if single else [f"{name}[{at}]" for at in range(flat.shape[1])]
        columns += [_cells(name, column) for column in flat.T]
    held = io.StringIO(newline="")
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(zip(*columns, strict=True))
    return held.getvalue().encode()


def _cells(name: str, column: NDArray[Any]) -> Sequence[Any]:
    if name == "status":
        return [Status(int(code)).name.lower().replace("_", " ") for code in column]
    return [repr(cell) if isinstance(cell, float) else cell for cell in column.tolist()]
