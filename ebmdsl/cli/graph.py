"""`ebmc graph`: a model as the lecture draws it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from ebmdsl.cli.compiling import compilation_of, require
from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.shell import FORMAT_VERSION, current_shell
from ebmdsl.cli.writing import show_file, write_file

if TYPE_CHECKING:
    from ebmdsl.render.diagram import Diagram

HELP = "Where to draw: x.svg, x.png, x.pdf, x.dot or x.json; without it DOT goes to stdout."


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
    graph = require(compilation.graph, compilation, shell)
    from ebmdsl.render.notation import diagram

    drawn = diagram(graph)
    if opened and output is None:
        output = Path(f"{graph.name}.svg")
    if output is None:
        form = "json" if shell.wants_json else "dot"
        shell.product(_drawn(drawn, form).decode().rstrip("\n"))
        return
    write_file(output, _drawn(drawn, output.suffix.removeprefix(".")))
    shell.say(f"{output}: drawn")
    if opened:
        show_file(output)


def _drawn(diagram: Diagram, form: str) -> bytes:
    from ebmdsl.render.dot import dot
    from ebmdsl.render.picture import Form, PictureError, picture

    if form == "dot":
        return dot(diagram).encode()
    if form == "json":
        return json.dumps({"format_version": FORMAT_VERSION, **asdict(diagram)}).encode()
    found = [each for each in get_args(Form) if each == form]
    if not found:
        known = ", ".join([*get_args(Form), "dot", "json"])
        raise StopError(f"`-o`: no picture ends in `.{form}`; choose {known}", Exit.USAGE)
    try:
        return picture(diagram, found[0])
    except PictureError as error:
        raise StopError(str(error), Exit.RUN) from None
