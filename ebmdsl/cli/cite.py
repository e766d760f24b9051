"""`ebmc cite`: BibTeX for the published work that a model stands on."""

from __future__ import annotations

import click

from ebmdsl.cli.compiling import compilation_of, require
from ebmdsl.cli.options import command as declare
from ebmdsl.cli.references import bibtex, concepts_of
from ebmdsl.cli.shell import current_shell


@declare("cite")
@click.argument("file")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a value.")
def command(file: str, *, pairs: tuple[str, ...]) -> None:
    """Print BibTeX for every method, function, layer and data set that a model uses."""
    shell = current_shell()
    compilation = compilation_of(file, shell, pairs=pairs)
    plan = require(compilation.plan, compilation, shell=shell)
    written = require(compilation.model, compilation, shell=shell)
    entries = bibtex(concepts_of(written, plan))
    if shell.wants_json:
        shell.record(references=list(entries))
    else:
        shell.product("\n\n".join(entries))
