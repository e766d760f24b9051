"""`denoising`: find the clean sample from a noisy one."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.phrases import noise, one_observed, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program


@final
@concept("denoising")
class Denoising(Strategy):
    """Find the clean sample from a noisy one: encoders and predictors see the noise.

    References: Vincent, Larochelle, Lajoie, Bengio & Manzagol 2010, Journal of Machine Learning
    Research 11, section 3
    """

    noise: Text = Text("normal(0, 0.3)")

    def family(self) -> str:
        return "C3"

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for an encoder or a predictor that sees the one observed variable."""
        refused = one_observed(program)
        if refused is not None:
            return refused
        y = program.observed[0]
        if not program.fed(y, y):
            return Misfit(
                f"no encoder and no predictor sees `{y}`", "give the noise one to act on"
            )
        return None

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        y = program.observed[0]
        declared, drawn, noisy = noise(program, self.noise, name=y)
        seen = program.fed(y, noisy, drawn=drawn)
        return (*declared, *seen, train(program, names, loss="F"))
