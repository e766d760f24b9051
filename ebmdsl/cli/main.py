"""The command group: each subcommand's module is imported only when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import final

import click

from ebmdsl.cli.failures import report_failure, termination_raises
from ebmdsl.cli.options import SETTINGS, add_global_options

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
    "cite",
    "data",
    "version",
)
EXAMPLES = """\b
Examples:
  ebmc plan models/sparse_coding.ebm      what will be minimized, how, and why
  ebmc train models/sparse_coding.ebm     learn it
  ebmc explain shape-mismatch             what a message means
"""


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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the one that was meant."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            meant = f" Did you mean '{near[0]}'?" if near else ""
            ctx.fail(f"No such command '{args[0]}'.{meant}")
        return click.Group.resolve_command(self, ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; whatever escapes it becomes one clear message and an exit code."""
        try:
            with termination_raises():
                return click.Group.invoke(self, ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BaseException as error:
            return ctx.exit(report_failure(error, ctx))


@click.command(
    "ebmc",
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings=SETTINGS,
    epilog=EXAMPLES,
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Say an energy-based model in the words of a lecture, and train it."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


add_global_options(main)
