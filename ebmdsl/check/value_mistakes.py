"""Mistakes of values: what a domain forbids, what stands in the wrong place, empty plates."""

from __future__ import annotations

from dataclasses import field
from typing import final

from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake


@final
@mistake("wrong-domain")
class WrongDomain(Mistake):
    """A value is used as what it is not: its domain says what may be done with it.

    A token is a sign of an alphabet, not a number: it selects (`A[y]`), it is compared with
    another token, and nets embed it. A one-hot vector selects, too. Turning entries over needs
    entries with few values, and the bits of `bce` lie between 0 and 1.

    ```ebm
    model fails
    observed y : token[27]
    param b : real
    cost e = sq(y - b)
    ```

    Let the token select what is a number.

    ```ebm
    model works
    observed y : token[27]
    param b : real[27]
    cost e = sq(b[y] - 1)
    train by energy
    ```
    """

    reason: str
    remedy: str = ""
    seen: tuple[Label, ...] = field(default=(), compare=False)

    def message(self) -> str:
        """Say what is used as what it is not."""
        return self.reason

    def labels(self) -> tuple[Label, ...]:
        """Show where the domains were declared."""
        return self.seen

    def help(self) -> str:
        """Say what may be done instead."""
        return self.remedy


@final
@mistake("misplaced-expression")
class MisplacedExpression(Mistake):
    """An expression has a meaning, but not where it stands.

    The energy is one number per sample: what looks at the whole batch belongs into a `loss`,
    and a loss is no part of the energy. Certificates such as `gap(z)`, the minimizer
    `mode(z)` and numbers over a split are known after training, so they stand in `report`
    and `expect`.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    regularizer spread = -sum(std[i](batch(y)))
    ```

    Say it where it can be known.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    loss spread = -sum(batch(m * y))
    train by energy
    ```
    """

    what: str
    where: str
    remedy: str = ""

    def message(self) -> str:
        """Say what stands in the wrong place, and where it belongs."""
        return f"{self.what} has no meaning here: {self.where}"

    def help(self) -> str:
        """Say what to write."""
        return self.remedy


@final
@mistake("empty-plate")
class EmptyPlate(Mistake):
    """The index of a plate has no value: its range is empty.

    A range that is left out is the largest one where every value that the index is used for
    exists, so `s[t] - s[t-9]` has no place in a sequence of six.

    ```ebm
    model fails
    observed s[t in 1..6] : real[2]
    param m : real[2]
    cost e[t] = sq(s[t] - s[t-9] - m)
    ```

    Shorten the lag, or lengthen the sequence.

    ```ebm
    model works
    observed s[t in 1..6] : real[2]
    param m : real[2]
    cost e[t] = sq(s[t] - s[t-1] - m)
    train by energy
    ```
    """

    index: str
    low: int
    high: int
    reason: str = ""
    remedy: str = "widen the range, or shorten the lags; ranges include both ends"

    def message(self) -> str:
        """Say which index, and over what it runs."""
        if self.reason:
            return self.reason
        return f"index `{self.index}` runs over {self.low}..{self.high}, which is empty"

    def help(self) -> str:
        """Say what to look at."""
        return self.remedy
