"""Where a command writes: the product to stdout, everything said about it to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, final

import click

if TYPE_CHECKING:
    from ebmdsl.source.diagnostic import Diagnostic
    from ebmdsl.source.show import Format

FORMAT_VERSION = "1.0"


@final
@dataclass(frozen=True, slots=True)
class Shell:
    """What the global flags ask for, and the two streams."""

    format: Format
    color: str
    quiet: bool
    verbose: bool
    root: Path | None

    @property
    def wants_json(self) -> bool:
        """Tell whether a program will read the output."""
        return self.format == "json"

    def colored(self, stream: IO[str]) -> bool:
        """Decide on color for one stream; a flag beats the environment."""
        if self.color != "auto":
            return self.color == "always"
        plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        return stream.isatty() and not plain

    def product(self, text: str) -> None:
        """Write what was asked for."""
        click.echo(text, color=self.colored(sys.stdout))

    def record(self, **fields: Any) -> None:
        """Write what was asked for as one line of JSON."""
        import json

        click.echo(json.dumps({"format_version": FORMAT_VERSION, **fields}, ensure_ascii=False))

    def say(self, text: str) -> None:
        """Write a remark, unless asked to be quiet."""
        if not self.quiet:
            click.echo(text, err=True, color=self.colored(sys.stderr))

    def diagnose(self, diagnostics: Iterable[Diagnostic], stream: IO[str]) -> None:
        """Write diagnostics in the format that was asked for."""
        from ebmdsl.source.show import show

        shown = show(diagnostics, self.format, color=self.colored(stream))
        if shown:
            click.echo(shown.rstrip("\n"), file=stream, color=self.colored(stream))


def current_shell() -> Shell:
    """Collect the global flags of the running command."""
    meta = click.get_current_context().meta
    return Shell(
        format=meta["format"],
        color=meta["color"],
        quiet=meta["quiet"],
        verbose=meta["verbose"],
        root=meta["root"],
    )
