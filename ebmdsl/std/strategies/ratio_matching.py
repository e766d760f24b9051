"""`ratio_matching`: match the ratios of probability between neighbors."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy
from ebmdsl.std.phrases import flips, train, two_valued

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("ratio_matching")
class RatioMatching(Strategy):
    r"""Match the ratios of probability between neighbors, $\sum_i \sigma(F - F_i)^2$.

    $F_i$ is the energy with entry i turned over.

    References: Hyvärinen 2007, doi:10.1016/j.csda.2006.09.003
    """

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for entries of two values."""
        return two_valued(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        declared, index, energy = flips(program)
        return declared, train(program, names, loss=f"sum[{index}](sigmoid(F - {energy})^2)")
