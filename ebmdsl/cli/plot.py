"""`ebmc plot`: the pictures of a run, drawn again."""

from __future__ import annotations

from pathlib import Path

import click

from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.runs import FOLDER, opened
from ebmdsl.cli.shell import current_shell
from ebmdsl.cli.writing import show_file


@declare("plot")
@click.argument("run")
@click.argument("words", nargs=-1)
@click.option("-o", "--output", type=FOLDER, help="Where to draw; else into the run.")
@click.option("--open", "shown", is_flag=True, help="Show the pictures.")
@click.option("--out", type=FOLDER, default="runs", show_default=True, help="Where runs lie.")
def command(
    run: str, words: tuple[str, ...], *, output: Path | None, shown: bool, out: Path
) -> None:
    """Draw every picture that suits a run, or those whose names contain one of WORDS."""
    shell = current_shell()
    model = opened(run, out)
    from ebmdsl.cli.pictures import draw, tell_undrawn

    drawn = draw(model, output or model.run.report)
    tell_undrawn(model.plan.model, shell)
    chosen = [one for one in drawn if not words or any(word in one.path.name for word in words)]
    if not chosen:
        names = ", ".join(one.path.stem for one in drawn) or "none at all"
        raise StopError(f"no picture of this run has such a name; there is {names}", Exit.USAGE)
    if shell.wants_json:
        pictures = [{"path": str(one.path), "numbers": dict(one.numbers)} for one in chosen]
        shell.record(pictures=pictures)
    for one in () if shell.wants_json else chosen:
        numbers = "   ".join(f"{name} {value:.4g}" for name, value in one.numbers.items())
        shell.product(f"{one.path}   {numbers}".rstrip())
    for one in chosen if shown else ():
        show_file(one.path)
