"""`persistent_contrastive_divergence`: push F up at particles."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.std.phrases import above_zero, chains, kernel, one_observed, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Fault, Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("persistent_contrastive_divergence")
class PersistentContrastiveDivergence(Strategy):
    """Push F up at particles that a Markov chain moves on from step to step.

    References: Tieleman 2008, doi:10.1145/1390156.1390290
    """

    particles: Text = Text("100")
    steps: Text = Text("1")

    def fault(self) -> Fault | None:
        """Return what is wrong with the options."""
        return above_zero(particles=self.particles)

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one observed variable."""
        return one_observed(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        sampler = kernel(program, "", steps=self.steps).replace("start = , ", "")
        points = chains(program, self.particles, sampler=sampler)
        loss = f"F - mean[{points.over}]({points.energy})"
        return (*points.statements, train(program, names, loss=loss))
