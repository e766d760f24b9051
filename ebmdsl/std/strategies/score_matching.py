"""`score_matching`: match the slope of F to."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.concepts.program import Fault
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.phrases import atom, call, one_observed, train, typed

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program


@final
@concept("score_matching")
class ScoreMatching(Strategy):
    """Match the slope of F to that of the log-density of the data, without Z.

    `sliced` looks in one random direction (Song, Garg, Shi & Ermon 2019, arXiv:1905.07088);
    `denoising(σ)` matches the slope at noisy samples (Vincent 2011, doi:10.1162/NECO_a_00142).

    References: Hyvärinen 2005, Journal of Machine Learning Research 6, section 2
    """

    form: Text = Text("exact")

    def family(self) -> str:
        return "A4"

    def fault(self) -> Fault | None:
        """Return what is wrong with the options."""
        word = call(self.form).word
        known = ("exact", "sliced", "denoising")
        return (
            None if word in known else Fault(word, what="form of score matching", known=known)
        )

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one real observed variable."""
        refused = one_observed(program)
        if refused is not None:
            return refused
        y = program.observed[0]
        if program.domain(y) != "real":
            return Misfit(f"it needs slopes, and `{y}` is {program.domain(y)}")
        return None

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        y = program.observed[0]
        if call(self.form).word == "exact":
            slope, bend = f"sq(grad(F, {y})) / 2", f"laplacian(F, {y})"
            return (train(program, names, loss=f"{slope} - {bend}"),)
        if call(self.form).word == "sliced":
            return self._sliced(program, names)
        return self._denoising(program, names)

    def _sliced(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        y, v, g = program.observed[0], program.fresh("v"), program.fresh("g")
        return (
            f"random {v}{program.plate(y)} : {typed(program, y, domain='spin')}",
            f"let {g} = grad(F, {y})",
            train(program, names, loss=f"sq({g}) / 2 - dot({v}, jvp({g}, {y}, {v}))"),
        )

    def _denoising(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        y, e, g = program.observed[0], program.fresh("e"), program.fresh("g")
        sigma = call(self.form).first("0.1")
        return (
            f"random {e}{program.plate(y)} : {typed(program, y)} ~ normal(0, {sigma})",
            f"let {g} = grad(F, {y})",
            train(program, names, loss=f"sq({g}({y} = {y} + {e}) - {e} / {atom(sigma)}^2) / 2"),
        )
