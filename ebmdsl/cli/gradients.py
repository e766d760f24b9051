"""`ebmc check --gradients`: every way to a gradient beside finite differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ebmdsl.cli.compiling import compilation_from, require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ebmdsl.cli.shell import Shell
    from ebmdsl.runtime.slopes import Compared
    from ebmdsl.source.text import Source

HEAD = ("of", "gradient", "difference", "")
_MARKS = {"agrees": "green", "approximate": "yellow", "disagrees": "red"}


def compared(source: Source, shell: Shell, *, values: Mapping[str, str]) -> bool:
    """Show how a program's gradients compare with differences; tell whether one disagrees.

    Reads the program's data and torch, which `ebmc check` does not do otherwise.
    """
    from ebmdsl.runtime.config import TrainOptions
    from ebmdsl.runtime.slopes import compare
    from ebmdsl.runtime.start import rehearse

    compilation = compilation_from(source, shell, values=values)
    require(compilation.runnable, compilation, shell=shell)
    rows = compare(rehearse(compilation, TrainOptions(), precision=64))
    if shell.wants_json:
        for row in rows:
            shell.record(event="gradient", file=source.name, **_record(row))
    else:
        _show(source.name, rows, shell=shell)
    return any(row.verdict == "disagrees" for row in rows)


def _record(row: Compared) -> dict[str, str | float | None]:
    return {
        "of": row.of,
        "gradient": row.mode,
        "verdict": row.verdict,
        "difference": row.difference,
        "reason": row.reason,
    }


def _show(name: str, rows: Sequence[Compared], *, shell: Shell) -> None:
    shell.product(f"{name}: gradients and central differences, in float64")
    table = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEAD) - 1)]
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        word, *rest = row[-1].partition(":")
        said = click.style(word, fg=_MARKS.get(word)) + "".join(rest)
        shell.product(f"  {'  '.join([*cells, said])}".rstrip())
    if not rows:
        shell.product("  nothing is learned, so nothing has a gradient")


def _cells(row: Compared) -> tuple[str, str, str, str]:
    far = "–" if row.difference is None else f"{row.difference:.1e}"
    said = f"{row.verdict}: {row.reason}" if row.reason else row.verdict
    return row.of, row.mode, far, said
