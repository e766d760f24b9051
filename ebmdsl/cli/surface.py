"""`ebmc surface`: about a run."""

from __future__ import annotations

import click

from ebmdsl.cli.options import command as declare


@declare("surface")
@click.argument("run")
def command(run: str) -> None:
    """Tell about a run."""
    del run
