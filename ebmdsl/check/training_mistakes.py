"""Mistakes of training: who moves which parameter, and in which stage."""

from __future__ import annotations

from typing import ClassVar, final

from ebmdsl._record import record
from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span


@final
@mistake("trained-twice")
class TrainedTwice(Mistake):
    """Two players of a stage move the same parameter.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train m by minimize(e)
    train m by energy
    ```

    One player moves a parameter; add up what it should make small.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train m by minimize(e + F)
    ```
    """

    name: str
    first: Span

    def message(self) -> str:
        """Say which parameter."""
        if self.name:
            return f"`{self.name}` is trained twice"
        return "two `train` statements move all parameters"

    def labels(self) -> tuple[Label, ...]:
        """Show the first player."""
        return (Label(self.first, "moved here already"),)

    def help(self) -> str:
        """Say what to do."""
        if not self.name:
            return "name the parameters of one of them, as `train W by …`"
        return "keep one of them, or add up what they minimize"


@final
@mistake("misplaced-statement")
class MisplacedStatement(Mistake):
    """A statement stands where it means nothing.

    A file with stages trains in its stages only, and a stage stands in no other stage.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train m by energy
    stage fine {
      train m by energy with sgd(0.01)
    }
    ```

    Stages run one after the other; give each statement its own.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    stage coarse {
      train m by energy
    }
    stage fine {
      train m by energy with sgd(0.01)
    }
    ```
    """

    reason: str
    stage: Span
    remedy: str

    def message(self) -> str:
        """Say where it stands."""
        return self.reason

    def labels(self) -> tuple[Label, ...]:
        """Show the stage."""
        return (Label(self.stage, "the stage"),)

    def help(self) -> str:
        """Say where it goes."""
        return self.remedy


@final
@mistake("stage-without-train")
class StageWithoutTrain(Mistake):
    """A stage trains nothing.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    stage only { run { epochs = 2 } }
    ```

    What a stage does not train is frozen: say what it moves.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    stage only {
      run { epochs = 2 }
      train m by energy
    }
    ```
    """

    name: str

    def message(self) -> str:
        """Say which stage."""
        return f"stage `{self.name}` trains nothing"

    def help(self) -> str:
        """Show a `train`."""
        return "add a `train`, as `train by energy`, or leave the stage out"


@final
@record
class TooManyStages(Mistake):
    """A file has more stages than anyone reads; each of them is a whole program."""

    id: ClassVar[str] = "too-deep"

    limit: int

    def message(self) -> str:
        """State the limit."""
        return f"more than {self.limit} stages"

    def help(self) -> str:
        """Give the way out."""
        return "split the file: a program goes on where another ended by `extends` and `use`"
