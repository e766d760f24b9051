"""The flags that every command takes, and `EBMC_<FLAG>` for each flag."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, final

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
    click.version_option(__version__, message="ebmc %(version)s")(target)
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
    ]


def _remembered(names: list[str], **options: Any) -> click.Option:
    return click.Option(names, expose_value=False, callback=_Remember(), **options)


@final
class _Remember:
    """Keeps the innermost value given: `ebmc -q check` and `ebmc check -q` agree."""

    def __call__(self, ctx: click.Context, param: click.Parameter, value: object) -> None:
        name = param.name or ""
        given = ctx.get_parameter_source(name) is not ParameterSource.DEFAULT
        if given or name not in ctx.meta:
            ctx.meta[name] = value
