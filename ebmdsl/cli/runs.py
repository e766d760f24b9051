"""Runs on the command line: opening one, and showing what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ebmdsl.cli.shell import Shell
    from ebmdsl.runtime.evaluate import Measured
    from ebmdsl.runtime.trained import Trained

FOLDER = click.Path(path_type=Path, file_okay=False)
MANY = 4


def opened(name: str, out: Path) -> Trained:
    """Open the run that a folder, an id or a model file names."""
    from ebmdsl.runtime.directory import find_run
    from ebmdsl.runtime.train import use_all_cores
    from ebmdsl.runtime.trained import open_run

    use_all_cores()
    return open_run(find_run(name, out))


def show_measured(rows: Sequence[Measured], shell: Shell) -> None:
    """Print one line for each number, and for each expectation whether it holds."""
    width = max((len(row.text) for row in rows), default=0)
    for row in rows:
        shell.product(f"  {_sign(row)} {row.text:<{width}}  {_value(row)}  on {row.split}")


def failed(rows: Sequence[Measured]) -> list[Measured]:
    """Pick the expectations that do not hold."""
    return [row for row in rows if row.holds is False]


def record_of(row: Measured) -> dict[str, object]:
    """Describe a number as plain data."""
    found: dict[str, object] = {"kind": row.kind, "text": row.text, "split": row.split}
    found["value"] = row.value[0] if len(row.value) == 1 else list(row.value)
    if row.holds is not None:
        found |= {"bound": row.bound, "holds": row.holds, "line": row.line}
    return found


def _sign(row: Measured) -> str:
    match row.holds:
        case True:
            return click.style("✓", fg="green")
        case False:
            return click.style("✗", fg="red")
        case None:
            return " "


def _value(row: Measured) -> str:
    shown = " ".join(f"{value:.4g}" for value in row.value[:MANY])
    shown += " …" if len(row.value) > MANY else ""
    return f"{shown:<10}" if row.holds is None else f"{shown or 'holds':<10}"
