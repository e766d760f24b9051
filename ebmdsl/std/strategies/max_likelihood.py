"""`max_likelihood`: minimize the negative log-likelihood."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.std.phrases import above_zero, call, chains, one_observed, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Fault, Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("max_likelihood")
class MaxLikelihood(Strategy):
    r"""Minimize the negative log-likelihood, $F + \log Z$.

    Without `negatives`, Z is exact or by quadrature. With a sampler, its gradient comes from
    chains that go on from step to step; with `importance(q)`, Z is estimated by draws of q
    with weights exp(-F) / q.

    References: Hinton 2002, doi:10.1162/089976602760128018
    """

    negatives: Text = Text("")
    particles: Text = Text("100")
    steps: Text = Text("1")

    def family(self) -> str:
        return "C2" if self.negatives else "C1"

    def fault(self) -> Fault | None:
        """Return what is wrong with the options."""
        return above_zero(particles=self.particles)

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one observed variable."""
        return one_observed(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        if not self.negatives:
            return (train(program, names, loss="F + logZ"),)
        if call(self.negatives).word == "importance":
            return self._weighted(program, names)
        written = call(self.negatives)
        moved = written.arguments or (f"steps = {self.steps}",)
        points = chains(program, self.particles, sampler=f"{written.word}({', '.join(moved)})")
        loss = f"F - mean[{points.over}]({points.energy})"
        return (*points.statements, train(program, names, loss=loss))

    def _weighted(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        law = call(self.negatives).first("normal")
        point, index = program.fresh("yn"), program.fresh("j")
        at = f"{point}[{index}]"
        weight = f"-F({at}) + nll({law}, {at})"
        estimate = f"logsumexp[{index}]({weight}) - log({self.particles})"
        declared = f"negative {point}[{index} in 1..{self.particles}] from {law}"
        return declared, train(program, names, loss=f"F + {estimate}")
