"""Mistakes of programs that need other files."""

from __future__ import annotations

from typing import final

from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span


@final
@mistake("cannot-use")
class CannotUse(Mistake):
    """A model cannot be brought in: its file cannot be read, has a mistake, or uses itself.

    ```ebm
    model fails
    use "no_such_file.ebm" as dict
    observed y : real[2]
    param a : real
    cost e = sq(y - a)
    ```

    The name is relative to the folder of the file that says it.

    ```ebm
    model works
    observed y : real[2]
    param a : real
    cost e = sq(y - a)
    ```
    """

    name: str
    reason: str
    remedy: str = "the name is relative to the folder of this file"
    place: Span | None = None

    def message(self) -> str:
        """Say which file, and why not."""
        return f"`{self.name}` cannot be used: {self.reason}"

    def labels(self) -> tuple[Label, ...]:
        """Show the first mistake of that file."""
        return () if self.place is None else (Label(self.place, "its first mistake"),)

    def help(self) -> str:
        """Say what to do."""
        return self.remedy
