"""What can be wrong when a training strategy is written out."""

from __future__ import annotations

from typing import final

from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span


@final
@mistake("unsuitable-strategy")
class UnsuitableStrategy(Mistake):
    """A training strategy needs something that the model does not have.

    Turning bits over needs bits, matching slopes needs real numbers, and a game of two
    players needs a generator.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train m by ratio_matching
    ```

    Use a strategy for this kind of variable.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train m by energy
    ```
    """

    strategy: str
    reason: str
    remedy: str = ""
    culprit: Span | None = None

    def message(self) -> str:
        """Say which strategy and why not."""
        return f"`{self.strategy}` does not suit this model: {self.reason}"

    def labels(self) -> tuple[Label, ...]:
        """Show the term or the layer at fault."""
        return () if self.culprit is None else (Label(self.culprit, "because of this"),)

    def help(self) -> str:
        """Say what to do."""
        return self.remedy


@final
@mistake("cannot-extend")
class CannotExtend(Mistake):
    """A program starts from a file that cannot be read, or from itself.

    ```ebm
    model fails extends "no_such_file.ebm"
    observed y : real[2]
    cost e = sq(y)
    ```

    The name is relative to the folder of the file that says it.

    ```ebm
    model works
    observed y : real[2]
    cost e = sq(y)
    ```
    """

    name: str
    reason: str

    def message(self) -> str:
        """Say which file, and why not."""
        return f"`{self.name}` cannot be extended: {self.reason}"

    def help(self) -> str:
        """Say where it is looked for."""
        return "the name is relative to the folder of this file"
