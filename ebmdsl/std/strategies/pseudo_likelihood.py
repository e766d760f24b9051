"""`pseudo_likelihood`: predict each entry from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy
from ebmdsl.std.phrases import flips, signs, train, two_valued_or_signs

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("pseudo_likelihood")
class PseudoLikelihood(Strategy):
    r"""Predict each entry from all others, $\sum_i \log(1 + e^{F - F_i})$.

    $F_i$ is the energy with entry i turned over; over an alphabet, $e^{F - F_i}$ is summed
    over all other signs of entry i.

    References: Besag 1975, doi:10.2307/2987782
    """

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for entries of two values, or for signs of an alphabet."""
        return two_valued_or_signs(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        if program.alphabet(program.observed[0]):
            declared, (i, v), energy = signs(program)
            odds = f"log(1 + sum[{v}](exp(F - {energy})))"
            return declared, train(program, names, loss=f"sum[{i}]({odds})")
        declared, index, energy = flips(program)
        return declared, train(program, names, loss=f"sum[{index}](softplus(F - {energy}))")
