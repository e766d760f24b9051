"""`ebmc graph`: a model as the lecture draws it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ebmdsl.cli.compiling import compilation_of, require
from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import current_shell
from ebmdsl.cli.writing import show_file, write_file

if TYPE_CHECKING:
    from ebmdsl.graph.factor_graph import FactorGraph

HELP = "A picture (.svg .png .pdf) or a text (.dot .json .mmd .txt); else DOT on stdout."


@declare("graph")
@click.argument("file")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help=HELP)
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
@click.option("--open", "opened", is_flag=True, help="Show the picture.")
def command(file: str, output: Path | None, *, pairs: tuple[str, ...], opened: bool) -> None:
    """Draw the factor graph of a model.

    Circles are variables, shaded where observed; rounded blocks are deterministic
    functions; rectangles are energy terms, and they add up.
    """
    shell = current_shell()
    compilation = compilation_of(file, shell, pairs=pairs)
    graph = require(compilation.graph, compilation, shell=shell)
    if opened and output is None:
        output = Path(f"{graph.name}.svg")
    if output is None:
        shell.product(
            _drawn(graph, "json" if shell.wants_json else "dot").decode().rstrip("\n")
        )
        return
    write_file(output, _drawn(graph, output.suffix.removeprefix(".")))
    shell.say(f"{output}: drawn")
    if opened:
        show_file(output)


def _drawn(graph: FactorGraph, form: str) -> bytes:
    from ebmdsl.render.draw import FORMS, Form, draw
    from ebmdsl.render.picture import PictureError

    known: list[Form] = [each for each in FORMS if each == form]
    if not known:
        message = f"`-o`: no picture ends in `.{form}`; choose one of {', '.join(FORMS)}"
        raise StopError(message, Exit.USAGE)
    try:
        drawn = draw(graph, known[0])
    except PictureError as error:
        raise StopError(str(error), Exit.RUN) from None
    return drawn.encode() if isinstance(drawn, str) else drawn
