"""Mistakes of methods: what cannot make a variable disappear, or not where it stands."""

from __future__ import annotations

from typing import ClassVar, final

from ebmdsl._record import record
from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span


@final
@record
class WrongMethod(Mistake):
    """The word behind `with` answers another question than `by` asks."""

    id: ClassVar[str] = "unsuitable-solver"

    method: str
    ring: str
    does: str
    remedy: str

    def message(self) -> str:
        """Say what the method does instead."""
        return f"`{self.method}` {self.does}, and `{self.ring}` asks for something else"

    def help(self) -> str:
        """Say what to write."""
        return self.remedy


@final
@record
class WrongMoves(Mistake):
    """A sampler moves through a continuum, or among few values, where the variable has none."""

    id: ClassVar[str] = "unsuitable-solver"

    method: str
    moves: str
    name: str
    domain: str
    declared: Span

    def message(self) -> str:
        """Say how the sampler moves and what the variable is."""
        return f"`{self.method}` moves {self.moves}, and `{self.name}` is {self.domain}"

    def labels(self) -> tuple[Label, ...]:
        """Show the variable."""
        return (Label(self.declared, f"`{self.name}` is {self.domain}"),)

    def help(self) -> str:
        """Leave it to the planner."""
        return "leave `with` out: the planner knows which samplers suit"


@final
@mistake("not-a-distribution")
class NotADistribution(Mistake):
    """A posterior must be a distribution: a node that is declared with `~`.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[2]
    param W : real[4, 2]
    net mu = linear(2)
    encoder zq = mu(y)
    cost e = sq(y - W @ z)
    regularizer prior = sq(z) / 2
    infer z by marginalize with variational(zq)
    train by energy
    ```

    Give the node a law.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[2]
    param W : real[4, 2]
    net mu = linear(2)
    encoder zq ~ normal(mu(y), 0.1)
    cost e = sq(y - W @ z)
    regularizer prior = sq(z) / 2
    infer z by marginalize with variational(zq)
    train by energy
    ```
    """

    name: str
    declared: Span | None = None

    def message(self) -> str:
        """Say what is no distribution."""
        return f"`{self.name}` is no distribution"

    def labels(self) -> tuple[Label, ...]:
        """Show where it is declared."""
        return () if self.declared is None else (Label(self.declared, "it has one value here"),)

    def help(self) -> str:
        """Show how one is declared."""
        return "declare it with `~`, as `encoder zq ~ normal(mu, sigma)`"


@final
@mistake("wrong-order")
class WrongOrder(Mistake):
    """Something is needed before it is known.

    Eliminations apply in the order written, the first innermost: a start or an answer may
    use latents that later statements remove, and none that are gone already.

    ```ebm
    model fails
    observed y : real[2]
    latent z : real[2]
    latent w : real[2]
    cost e = sq(y - z - w) + sq(z) + sq(w)
    infer z by minimize
    infer w by minimize from z
    ```

    Remove the one that is needed last.

    ```ebm
    model works
    observed y : real[2]
    latent z : real[2]
    latent w : real[2]
    cost e = sq(y - z - w) + sq(z) + sq(w)
    infer w by minimize from z
    infer z by minimize
    ```
    """

    name: str
    wanted: str
    gone: Span

    def message(self) -> str:
        """Say what is not known."""
        return f"`{self.name}` is not known yet when `{self.wanted}` is found"

    def labels(self) -> tuple[Label, ...]:
        """Show the statement that comes first."""
        return (Label(self.gone, "the first written is the innermost"),)

    def help(self) -> str:
        """Say what to change."""
        if self.name == self.wanted:
            return "start from something that does not depend on it"
        return f"write the `infer` of `{self.wanted}` first, or start from something else"


@final
@mistake("value-unknown")
class ValueUnknown(Mistake):
    """The value of F is asked for, and only its gradient is known.

    Where a latent disappears by `sample`, F is the free energy: draws give its gradient, and
    nothing gives its value.

    ```ebm
    model fails
    observed y : real[2]
    latent z : real[2]
    param W : real[2, 2]
    cost e = sq(y - W @ z) + sq(z)
    infer z by sample with langevin(steps = 60)
    train by minimize(F)
    report free = mean(F)
    ```

    Report the energy at the draw, or ask for F by `marginalize`.

    ```ebm
    model works
    observed y : real[2]
    latent z : real[2]
    param W : real[2, 2]
    cost e = sq(y - W @ z) + sq(z)
    infer z by sample with langevin(steps = 60)
    train by minimize(F)
    report energy = mean(E)
    ```
    """

    latent: str
    drawn: Span

    def message(self) -> str:
        """Say what is not known, and why."""
        return f"the value of F is not known: `{self.latent}` is drawn, not summed over"

    def labels(self) -> tuple[Label, ...]:
        """Show the elimination."""
        return (Label(self.drawn, "draws give the gradient of F only"),)

    def help(self) -> str:
        """Say what to write."""
        return "use `E`, the energy at the draw, or `marginalize` instead of `sample`"
