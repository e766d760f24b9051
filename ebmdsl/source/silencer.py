"""Silencers: comments that switch named warnings off, and what is wrong with those."""

from __future__ import annotations

from typing import final

from ebmdsl._record import record
from ebmdsl.source.diagnostic import Fix
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.suggest import did_you_mean, suggest
from ebmdsl.source.text import Span


@final
@record
class Silencer:
    """One id in a comment `# ebm: ignore[id]`, and the lines on which it holds."""

    id: str
    span: Span
    first: int
    last: int
    rest: Span
    """What goes when the id goes: it with its comma, or all that the comment has to say."""

    @property
    def lines(self) -> range:
        """The lines on which it holds, besides its own."""
        return range(self.first, self.last + 1)


@final
@mistake("unused-silencer")
class UnusedSilencer(Mistake):
    """A comment silences a warning that is not there.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)  # ebm: ignore[collapse]
    train by energy
    ```

    A silencer that is left behind would hide the next warning of that name.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train by energy
    ```
    """

    name: str
    rest: Span

    severity = "warning"

    def message(self) -> str:
        """Name what is not there."""
        return f"there is no `{self.name}` here to silence"

    def help(self) -> str:
        """Ask to remove it."""
        return "remove it"

    def fix(self) -> Fix | None:
        """Take it out."""
        return Fix(self.rest, "", safe=True)


@final
@mistake("unknown-silencer")
class UnknownSilencer(Mistake):
    """A comment silences something that is no warning.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)  # ebm: ignore[colapse]
    train by energy
    ```

    Warnings are silenced by their names, and `ebmc explain --list` has all of them; errors
    cannot be silenced. The comment holds for the line that it ends, for the next statement
    if it has a line to itself, and for the whole file if it stands before the header.

    ```ebm
    model works
    observed y : real[2]
    latent z : real[2]
    cost e = sq(y - z)
    # ebm: ignore[collapse]
    infer z by minimize
    ```
    """

    known: tuple[str, ...]
    is_error: bool = False

    def message(self) -> str:
        """Say why nothing is silenced."""
        if self.is_error:
            return f"`{self.span.text}` is an error, and only warnings can be silenced"
        if self.span.text.startswith("#"):
            return "this comment silences nothing"
        return f"no warning is called `{self.span.text}`"

    def text(self) -> str:
        """Give the nearest name."""
        return "" if self.is_error else did_you_mean(self.span.text, self.known)

    def help(self) -> str:
        """Say what can be silenced."""
        if self.is_error:
            return "mend what it reports"
        if self.span.text.startswith("#"):
            return "write `# ebm: ignore[collapse]`, with the names of the warnings"
        return "`ebmc explain --list` names all"

    def fix(self) -> Fix | None:
        """Replace it by the nearest name."""
        near = "" if self.is_error else suggest(self.span.text, self.known)
        return Fix(self.span, near, safe=False) if near else None
