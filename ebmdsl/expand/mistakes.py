"""What can be wrong when a training strategy is written out."""

from __future__ import annotations

from typing import final

from ebmdsl.source.mistake import Mistake, mistake


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

    def message(self) -> str:
        """Say which strategy and why not."""
        return f"`{self.strategy}` does not suit this model: {self.reason}"

    def help(self) -> str:
        """Say what to do."""
        return self.remedy
