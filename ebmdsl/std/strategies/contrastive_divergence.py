"""`contrastive_divergence`: push F up where a few steps of a Markov chain lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.std.phrases import kernel, one_observed, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("contrastive_divergence")
class ContrastiveDivergence(Strategy):
    """Push F up where a few steps of a Markov chain lead from the data.

    References: Hinton 2002, doi:10.1162/089976602760128018
    """

    steps: Text = Text("1")

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one observed variable."""
        return one_observed(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        point = program.fresh("yn")
        chain = kernel(program, program.observed[0], steps=self.steps)
        return (f"negative {point} from {chain}", train(program, names, loss=f"F - F({point})"))
