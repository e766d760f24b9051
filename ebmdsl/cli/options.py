"""The flags that every command takes, and `EBMC_<FLAG>` for each flag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from ebmdsl import __version__

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 96}
Body = Callable[..., None]


def command(name: str) -> Callable[[Body], click.Command]:
    """Make a function the body of `ebmc NAME`, with the flags that every command takes."""

    def wrap(body: Body) -> click.Command:
        made = click.command(name, context_settings=SETTINGS)(body)
        add_global_options(made)
        return made

    return wrap


def add_global_options(target: click.Command) -> None:
    """Give a command the global flags, and every flag of it an environment variable."""
    target.params.extend(_global_options())
    for option in target.params:
        if isinstance(option, click.Option) and option.envvar is None:
            longest = max(option.opts, key=len).lstrip("-")
            option.envvar = "EBMC_" + longest.replace("-", "_").upper()


def _global_options() -> list[click.Option]:
    return [
        _remembered(
            ["--color"],
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            help="Color the output; auto: on a terminal.",
        ),
        _remembered(
            ["--format"],
            type=click.Choice(["human", "short", "json", "github"]),
            default="human",
            help="How results and diagnostics are written.",
        ),
        _remembered(["-q", "--quiet"], is_flag=True, help="Say only what was asked for."),
        _remembered(["-v", "--verbose"], is_flag=True, help="Say more."),
        _remembered(
            ["--root"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help="Refuse to read outside this folder.",
        ),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_print_version,
            help="Show the version and exit.",
        ),
    ]


def _remembered(names: list[str], **options: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_remember, **options)


def _remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Keep the innermost value that was given: `ebmc -q check` and `ebmc check -q` agree."""
    name = param.name or ""
    given = ctx.get_parameter_source(name) is not ParameterSource.DEFAULT
    if given or name not in ctx.meta:
        ctx.meta[name] = value


def _print_version(ctx: click.Context, param: click.Parameter, value: object) -> None:
    del param
    if value and not ctx.resilient_parsing:
        click.echo(f"ebmc {__version__}")
        ctx.exit()
