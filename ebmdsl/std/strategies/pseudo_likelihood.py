"""`pseudo_likelihood`: predict each entry from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy
from ebmdsl.std.phrases import flips, train, two_valued

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("pseudo_likelihood")
class PseudoLikelihood(Strategy):
    r"""Predict each entry from all others, $\sum_i \log(1 + e^{F - F_i})$.

    $F_i$ is the energy with entry i turned over.

    References: Besag 1975, doi:10.2307/2987782
    """

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for entries of two values."""
        return two_valued(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        declared, index, energy = flips(program)
        return declared, train(program, names, loss=f"sum[{index}](softplus(F - {energy}))")
