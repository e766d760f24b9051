"""The command group: each subcommand's module is imported only when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import final

import click

COMMANDS = (
    "check",
    "fmt",
    "plan",
    "graph",
    "emit",
    "train",
    "infer",
    "eval",
    "plot",
    "surface",
    "explain",
    "words",
    "version",
)


@final
class LazyGroup(click.Group):
    """A group that knows its commands by file name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order a newcomer meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one command that was asked for."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        return import_module(f"ebmdsl.cli.{cmd_name}").command


@click.group(cls=LazyGroup)
def main() -> None:
    """Compile and train energy-based models."""
