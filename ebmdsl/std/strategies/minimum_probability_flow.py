"""`minimum_probability_flow`: stop probability from flowing away to neighbors."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy
from ebmdsl.std.phrases import flips, train, two_valued

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("minimum_probability_flow")
class MinimumProbabilityFlow(Strategy):
    r"""Stop probability from flowing away to neighbors, $\sum_i e^{(F - F_i) / 2}$.

    $F_i$ is the energy with entry i turned over; neighbors that are data do not count.

    References: Sohl-Dickstein, Battaglino & DeWeese 2011, doi:10.1103/PhysRevLett.107.220601
    """

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for entries of two values."""
        return two_valued(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        source = program.source(program.observed[0])
        unless = f", unless = {source}" if source else ""
        declared, index, energy = flips(program, unless)
        flow = f"exp(clamp((F - {energy}) / 2, high = 20))"
        return declared, train(program, names, loss=f"sum[{index}]({flow})")
