"""Every mistake that planning finds; each docstring is its page in `ebmc explain`."""

from __future__ import annotations

from typing import final

from ebmdsl.source.diagnostic import Label
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
    ring: str = "minimize"

    def message(self) -> str:
        """Say what does not suit."""
        return f"`{self.solver}` cannot {self.ring} this energy: {self.reason}"

    def labels(self) -> tuple[Label, ...]:
        """Show the term at fault."""
        return () if self.culprit is None else (Label(self.culprit, "because of this term"),)

    def help(self) -> str:
        """Name what the planner would choose."""
        if not self.instead:
            return "leave `with` out and let the planner choose"
        return f"leave `with` out: the planner would choose `{self.instead}`"


@final
@mistake("unsuitable-gradient")
class UnsuitableGradient(Mistake):
    """The minimizer cannot be differentiated in the way that `gradient = …` names.

    ```ebm
    model fails
    observed y : real[4]
    latent z : onehot[8]
    param W : real[4, 8]
    cost distance = sq(y - W @ z)
    infer z by minimize with exhaustive(gradient = implicit)
    train by energy
    ```

    Leave `gradient` out: what is found is then a constant in the loss, which is exact where
    the loss is F.

    ```ebm
    model works
    observed y : real[4]
    latent z : onehot[8]
    param W : real[4, 8]
    cost distance = sq(y - W @ z)
    infer z by minimize with exhaustive
    train by energy
    ```
    """

    mode: str
    reason: str
    culprit: Span | None = None

    def message(self) -> str:
        """Say what does not suit."""
        return f"`gradient = {self.mode}` does not apply: {self.reason}"

    def labels(self) -> tuple[Label, ...]:
        """Show the term at fault."""
        return () if self.culprit is None else (Label(self.culprit, "because of this term"),)

    def help(self) -> str:
        """Say what an answer is otherwise."""
        return "leave `gradient` out: the answer is then a constant in the loss"


@final
@mistake("unsuitable-sampler")
class UnsuitableSampler(Mistake):
    """The sampler that `with` names cannot take this energy.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8] with unit_columns
    cost recon = sq(y - W @ z) / 2
    regularizer sparse = l1(z)
    infer z by sample with langevin
    train by energy
    ```

    Leave the choice to the planner, or name a sampler that suits the energy.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8] with unit_columns
    cost recon = sq(y - W @ z) / 2
    regularizer sparse = l1(z)
    infer z by sample with metropolis
    train by energy
    ```
    """

    sampler: str
    reason: str
    culprit: Span | None = None
    instead: str = ""

    def message(self) -> str:
        """Say what does not suit."""
        return f"`{self.sampler}` cannot draw from this energy: {self.reason}"

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

    def help(self) -> str:
        """Say what can be changed."""
        return "change what stands in the way, or let the variable disappear in another way"
