"""`noise_contrastive`: tell data from noise with a known density."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.std.phrases import above_zero, one_observed, train, typed

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Fault, Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("noise_contrastive")
class NoiseContrastive(Strategy):
    """Tell data from noise with a known density; the estimate of log Z is one more parameter.

    References: Gutmann & Hyvärinen 2012, Journal of Machine Learning Research 13, section 2
    """

    noise: Text = Text("normal")
    ratio: Text = Text("1")

    def fault(self) -> Fault | None:
        """Return what is wrong with the options."""
        return above_zero(ratio=self.ratio)

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one observed variable."""
        return one_observed(program)

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        y = program.observed[0]
        n, i, c, odds, v = (program.fresh(name) for name in ("n", "i", "c", "G", "v"))
        loss = f"softplus(-{odds}({y})) + sum[{i}](softplus({odds}({n}[{i}])))"
        domain = program.domain(y) if program.domain(y) in ("binary", "spin") else "real"
        over = filter(None, (f"{i} in 1..{self.ratio}", program.plate(y).strip("[]")))
        kind = typed(program, y, domain=domain)
        return (
            f"random {n}[{', '.join(over)}] : {kind} ~ {self.noise}",
            f"param {c} : real init logZ",
            f"func {odds}({v}) = -F({v}) - {c} + nll({self.noise}, {v}) - log({self.ratio})",
            train(program, (*names, c), loss=loss),
        )
