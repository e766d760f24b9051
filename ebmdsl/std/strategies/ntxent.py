"""`ntxent`: tell the partner view of each view from both views of all other samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.phrases import above_zero, atom, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Fault, Program


@final
@concept("ntxent")
class Ntxent(Strategy):
    """Tell the partner view of each view from both views of all other samples.

    References: Chen, Kornblith, Norouzi & Hinton 2020, arXiv:2002.05709
    """

    temperature: Text = Text("0.5")

    def fault(self) -> Fault | None:
        """Return what is wrong with the options."""
        return above_zero(temperature=self.temperature)

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for two views of one shape."""
        if len(program.given) != 1 or len(program.observed) != 1:
            return Misfit("it compares two views: one given and one observed variable")
        x, y = program.given[0], program.observed[0]
        if program.shape(x) != program.shape(y):
            return Misfit(f"the views `{x}` and `{y}` have different shapes")
        return None

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        x, y, t = program.given[0], program.observed[0], atom(self.temperature)
        xn, yn, i, j = (program.fresh(name) for name in ("xn", "yn", "i", "j"))
        of_x = _anchor(
            f"F({y} = {xn}[{i}])", f"F({y} = {yn}[{j}])", temperature=t, index=(i, j)
        )
        of_y = _anchor(
            f"F({x} = {xn}[{i}])", f"F({x} = {yn}[{j}])", temperature=t, index=(i, j)
        )
        return (
            f"negative {xn}[{i}] from others({x})",
            f"negative {yn}[{j}] from others({y})",
            train(program, names, loss=f"({of_x} + {of_y}) / 2"),
        )


def _anchor(first: str, second: str, *, temperature: str, index: tuple[str, str]) -> str:
    """Write the loss of one view as anchor, with the candidates of both views."""
    sums = [
        f"logsumexp[{each}](-{energy} / {temperature})"
        for energy, each in zip((first, second), index, strict=True)
    ]
    rest = f"logaddexp({sums[0]}, {sums[1]})"
    return f"F / {temperature} + logaddexp(-F / {temperature}, {rest})"
