"""Every mistake that planning finds; each docstring is its page in `ebmc explain`."""

from __future__ import annotations

from typing import ClassVar, final

from ebmdsl.source.diagnostic import Label, Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span


@final
@mistake("unsuitable-solver")
class UnsuitableSolver(Mistake):
    """The solver that `with` names cannot take this energy.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8] with unit_columns
    cost recon = sq(y - W @ z) / 2
    regularizer sparse = l1(z)
    infer z by minimize with gradient_descent(steps = 20, rate = 0.1)
    train by energy
    ```

    Leave the choice to the planner, or name a method that suits the energy.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8] with unit_columns
    cost recon = sq(y - W @ z) / 2
    regularizer sparse = l1(z)
    infer z by minimize with fista
    train by energy
    ```
    """

    solver: str
    reason: str
    culprit: Span | None = None
    instead: str = ""

    def message(self) -> str:
        """Say what does not suit."""
        return f"`{self.solver}` cannot minimize this energy: {self.reason}"

    def labels(self) -> tuple[Label, ...]:
        """Show the term at fault."""
        return () if self.culprit is None else (Label(self.culprit, "because of this term"),)

    def help(self) -> str:
        """Name what the planner would choose."""
        if not self.instead:
            return "leave `with` out and let the planner choose"
        return f"leave `with` out: the planner would choose `{self.instead}`"


@final
@mistake("no-method")
class NoMethod(Mistake):
    """No method of the catalogue can remove this latent, so the program cannot be run.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8] with unit_columns
    param V : real[8, 8] with orthonormal
    cost recon = sq(y - W @ z)
    regularizer sparse = l1(V @ z)
    infer z by minimize
    train by energy
    ```

    Change the term that stands in the way.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8] with unit_columns
    cost recon = sq(y - W @ z)
    regularizer sparse = l1(z)
    infer z by minimize
    train by energy
    ```
    """

    names: tuple[str, ...]
    ring: str
    reasons: tuple[str, ...]
    culprit: Span | None = None

    def message(self) -> str:
        """Say which latent."""
        names = ", ".join(f"`{name}`" for name in self.names)
        return f"no method can {self.ring} over {names}"

    def labels(self) -> tuple[Label, ...]:
        """Show the term at fault."""
        return () if self.culprit is None else (Label(self.culprit, "this stands in the way"),)

    def notes(self) -> tuple[str, ...]:
        """Give each method's reason."""
        return self.reasons


@final
@mistake("collapse")
class Collapse(Mistake):
    """A latent can reproduce every observation, so the energy is low everywhere.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8]
    cost recon = sq(y - W @ z)
    infer z by minimize
    train by energy
    ```

    Something must limit what the latent can do: a regularizer, fewer dimensions, a
    discrete domain.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[2]
    param W : real[4, 2]
    cost recon = sq(y - W @ z)
    infer z by minimize
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    latent: str
    observed: str
    term: Span | None = None

    def message(self) -> str:
        """Say what can happen."""
        return f"`{self.latent}` can reproduce any `{self.observed}`: the energy may be flat"

    def text(self) -> str:
        """Say what is missing."""
        return "nothing limits it"

    def labels(self) -> tuple[Label, ...]:
        """Show the term that can be made zero."""
        return () if self.term is None else (Label(self.term, "this can be zero everywhere"),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return f"add a regularizer on `{self.latent}`, for example `l1({self.latent})`"


@final
@mistake("unbounded-gain")
class UnboundedGain(Mistake):
    """A penalty on the size of a latent means nothing while its decoder may grow.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8]
    cost recon = sq(y - W @ z)
    regularizer sparse = l1(z)
    infer z by minimize
    train by energy
    ```

    With W twice as large, z may be half as large: bound the decoder.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8] with unit_columns
    cost recon = sq(y - W @ z)
    regularizer sparse = l1(z)
    infer z by minimize
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    param: str
    latent: str
    penalty: Span | None = None

    def message(self) -> str:
        """Say what can happen."""
        return f"the penalty on `{self.latent}` can be driven to zero by growing `{self.param}`"

    def text(self) -> str:
        """Say what is missing."""
        return "its gain is not bounded"

    def labels(self) -> tuple[Label, ...]:
        """Show the penalty."""
        return () if self.penalty is None else (Label(self.penalty, "this penalty shrinks"),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return (
            f"bound `{self.param}` in its declaration: `with unit_columns` for a matrix, "
            "`with unit_kernels` for a convolution"
        )
