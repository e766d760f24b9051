"""`infonce`: tell the sample from contrastive points, by the softmax of their energies."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.std.phrases import above_zero, contrast, negatives, one_observed, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Fault, Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("infonce")
class Infonce(Strategy):
    """Tell the sample from contrastive points, by the softmax of their energies.

    References: van den Oord, Li & Vinyals 2018, arXiv:1807.03748
    """

    temperature: Text = Text("1")
    negatives: Text = Text("batch")
    count: Text = Text("1024")

    def fault(self) -> Fault | None:
        """Return what is wrong with the options."""
        return above_zero(temperature=self.temperature, count=self.count)

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one observed variable."""
        return one_observed(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        points = negatives(program, self.negatives, count=self.count)
        return (
            *points.statements,
            train(program, names, loss=contrast(f"nll({self.temperature})", points)),
        )
