"""Mistakes of statements as wholes: what is not inferred, trained, set or measured rightly."""

from __future__ import annotations

from typing import final

from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span


@final
@mistake("latent-not-inferred")
class LatentNotInferred(Mistake):
    """A latent is declared, but no statement says how it disappears.

    ```ebm
    model fails
    observed y : real[2]
    latent z : real[2]
    cost e = sq(y - z)
    ```

    Every latent has one `infer`.

    ```ebm
    model works
    observed y : real[2]
    latent z : real[2]
    param a : real
    cost e = sq(y - a * z) + sq(z)
    infer z by minimize
    train by energy
    ```
    """

    name: str

    def message(self) -> str:
        """Say which latent."""
        return f"latent `{self.name}` is never removed"

    def text(self) -> str:
        """Say what is missing."""
        return "no `infer` names it"

    def help(self) -> str:
        """Give the three questions."""
        return (
            f"add `infer {self.name} by minimize`, or `marginalize` to sum over it, "
            "or `sample` to draw it"
        )


@final
@mistake("inferred-twice")
class InferredTwice(Mistake):
    """Two statements say how the same variable disappears.

    ```ebm
    model fails
    observed y : real[2]
    latent z : real[2]
    cost e = sq(y - z) + sq(z)
    infer z by minimize
    infer z by minimize
    ```

    Every latent has one `infer`.

    ```ebm
    model works
    observed y : real[2]
    latent z : real[2]
    cost e = sq(y - z) + sq(z)
    infer z by minimize
    ```
    """

    name: str
    first: Span

    def message(self) -> str:
        """Say which variable."""
        return f"`{self.name}` is removed twice"

    def labels(self) -> tuple[Label, ...]:
        """Show where it is gone already."""
        return (Label(self.first, "it is gone after this"),)

    def help(self) -> str:
        """Say what to keep."""
        return "keep one of them"


@final
@mistake("wrong-role")
class WrongRole(Mistake):
    """A statement names something that cannot play that part.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    infer y by minimize
    ```

    `infer` removes latents, `predict` finds observed variables, `train` moves parameters.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train m by energy
    ```
    """

    reason: str
    declared: Span
    is_a: str
    remedy: str = ""

    def message(self) -> str:
        """Say what does not fit."""
        return self.reason

    def labels(self) -> tuple[Label, ...]:
        """Show what it was declared as."""
        return (Label(self.declared, f"declared as {self.is_a} here"),)

    def help(self) -> str:
        """Say what can stand there."""
        return self.remedy


@final
@mistake("bad-setting")
class BadSetting(Mistake):
    """A setting has a value of the wrong kind.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train by energy
    run { epochs = 2.5 }
    ```

    Counts are whole numbers; names are checked too.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train by energy
    run { epochs = 3 }
    ```
    """

    reason: str
    remedy: str = ""

    def message(self) -> str:
        """Say what is wrong with it."""
        return self.reason

    def help(self) -> str:
        """Say what would be right."""
        return self.remedy or "correct the value, or leave it out"


@final
@mistake("data-mismatch")
class DataMismatch(Mistake):
    """A variable does not have the shape or the domain of the data it comes from.

    ```ebm
    model fails
    data d = digits()
    observed y : real[100] from d
    param m : real[100]
    cost e = sq(y - m)
    train by energy
    ```

    The declaration must say what the data holds.

    ```ebm
    model works
    data d = digits()
    observed y : real[64] from d
    param m : real[64]
    cost e = sq(y - m)
    train by energy
    ```
    """

    reason: str
    source: Span

    def message(self) -> str:
        """Say what differs."""
        return self.reason

    def labels(self) -> tuple[Label, ...]:
        """Show the data set."""
        return (Label(self.source, "the data comes from here"),)

    def help(self) -> str:
        """Point to the declaration."""
        return "declare the variable as the data is, or transform the data"


@final
@mistake("no-energy")
class NoEnergy(Mistake):
    """A program without a cost or a regularizer has no energy.

    ```ebm
    model fails
    observed y : real[2]
    ```

    Declare at least one term.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train by energy
    ```
    """

    def message(self) -> str:
        """Say that there is no energy."""
        return "the model has no energy: no `cost` and no `regularizer`"

    def help(self) -> str:
        """Show a term."""
        return "add a term, for example `cost recon = sq(y - yhat)`"


@final
@mistake("train-without-effect")
class TrainWithoutEffect(Mistake):
    """A `train` statement moves parameters that its loss does not depend on.

    ```ebm
    model fails
    observed y : real[2]
    param m : real[2]
    param b : real[2]
    cost e = sq(y - m)
    train b by energy
    ```

    Train what the loss depends on.

    ```ebm
    model works
    observed y : real[2]
    param m : real[2]
    cost e = sq(y - m)
    train m by energy
    ```
    """

    names: tuple[str, ...]
    held: tuple[str, ...] = ()

    def message(self) -> str:
        """Say which parameters."""
        if not self.names:
            return "nothing is left to train"
        names = ", ".join(f"`{name}`" for name in self.names)
        verb = "does" if len(self.names) == 1 else "do"
        return f"{names} {verb} not appear in what is minimized"

    def help(self) -> str:
        """Say what to do."""
        if not self.names:
            return "leave it out: every parameter has a `train` of its own, or there is none"
        if self.held:
            names = ", ".join(f"`{name}`" for name in self.held)
            remedy = "differentiate through its `infer`, with `gradient = implicit`"
            return f"{names} depends on it and is a constant in the loss: {remedy}"
        return "use it in a term, or leave it out of this `train`"
