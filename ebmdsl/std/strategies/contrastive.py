"""`contrastive`: push F down at the data and up at contrastive points."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.std.phrases import above_zero, contrast, known_loss, negatives, one_observed, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Fault, Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("contrastive")
class Contrastive(Strategy):
    """Push F down at the data and up at contrastive points, by a loss between the two.

    The points are `batch` (those of other samples), `queue(u, n)`, `bank(u)`, or draws of a
    law or a sampler, `count` of them.

    References: LeCun, Chopra, Hadsell, Ranzato & Huang 2006, A Tutorial on
    Energy-Based Learning, section 2.2.2
    """

    negatives: Text
    loss: Text = Text("log")
    count: Text = Text("16")

    def fault(self) -> Fault | None:
        """Return what is wrong with the options."""
        return known_loss(self.loss) or above_zero(count=self.count)

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one observed variable."""
        return one_observed(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        points = negatives(program, self.negatives, count=self.count)
        return (*points.statements, train(program, names, loss=contrast(self.loss, points)))
