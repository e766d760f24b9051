"""Files of numbers: their shapes without reading them, and what they hold."""

from __future__ import annotations

import ast
import csv
import struct
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from ebmdsl.std.folder import folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ebmdsl.concepts.shape import Shape

MAGIC = b"\x93NUMPY"
ENDINGS = (".npy", ".npz", ".csv")


def located(path: str) -> Path:
    """Find a file where the command runs, or in the data folder."""
    found = next((one for one in (Path(path), folder() / path) if one.is_file()), None)
    if found is None:
        raise ValueError(f"{path} is neither here nor in the data folder `{folder()}`")
    if found.suffix not in ENDINGS:
        raise ValueError(f"{path} is not one of {', '.join(ENDINGS)}")
    return found


def shapes(path: Path) -> dict[str, Shape]:
    """Return the arrays of a file by name with their shapes; only headers are read."""
    match path.suffix:
        case ".npy":
            with path.open("rb") as stream:
                return {"value": _npy_shape(stream, path.name)}
        case ".npz":
            return _npz_shapes(path)
        case _:
            with path.open(encoding="utf-8") as lines:
                rows = [row for row in csv.reader(lines) if row]
            numbers = rows[0 if _are_numbers(rows[:1]) else 1 :]
            return {"value": (len(numbers), len(numbers[0]) if numbers else 0)}


def _npz_shapes(path: Path) -> dict[str, Shape]:
    if not zipfile.is_zipfile(path):
        raise ValueError(f"{path.name} is not an archive of arrays")
    with zipfile.ZipFile(path) as archive:
        return {
            name.removesuffix(".npy"): _member_shape(archive, name)
            for name in archive.namelist()
        }


def _member_shape(archive: zipfile.ZipFile, name: str) -> Shape:
    with archive.open(name) as stream:
        return _npy_shape(stream, name)


def _npy_shape(stream: IO[bytes], name: str) -> Shape:
    """Read the header of an array; arrays of anything but numbers are refused."""
    start = stream.read(8)
    if len(start) < 8 or not start.startswith(MAGIC):
        raise ValueError(f"{name} is not an array that numpy saved")
    (length,) = struct.unpack("<H", stream.read(2)) if start[6] == 1 else _long(stream)
    header = cast("dict[str, Any]", ast.literal_eval(stream.read(length).decode("latin1")))
    if str(header["descr"]).lstrip("<>|=")[0] not in "fiub":
        raise ValueError(f"{name} does not hold real numbers")
    return tuple(header["shape"])


def _long(stream: IO[bytes]) -> tuple[Any, ...]:
    return struct.unpack("<I", stream.read(4))


def contents(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a file; nothing in it is ever run."""
    import numpy as np

    match path.suffix:
        case ".npy":
            return {"value": np.load(path, allow_pickle=False)}
        case ".npz":
            with np.load(path, allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        case _:
            with path.open(encoding="utf-8") as lines:
                headed = not _are_numbers([next(row for row in csv.reader(lines) if row)])
            return {"value": np.loadtxt(path, delimiter=",", skiprows=int(headed), ndmin=2)}


def _are_numbers(rows: list[list[str]]) -> bool:
    try:
        return bool([float(entry) for row in rows for entry in row])
    except ValueError:
        return False
