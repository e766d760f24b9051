"""`energy`: minimize the free energy of the data; nothing is pushed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy
from ebmdsl.std.phrases import train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program
    from ebmdsl.concepts.shape import Misfit


@final
@concept("energy")
class Energy(Strategy):
    """Minimize the free energy of the data; nothing is pushed up.

    Something else must keep the volume of low energy small: discrete or sparse latents,
    few dimensions, a regularizer.

    References: LeCun, Chopra, Hadsell, Ranzato & Huang 2006, A Tutorial on
    Energy-Based Learning, section 2.2.1
    """

    def family(self) -> str:
        return "A1 to A3"

    def misfit(self, program: Program) -> Misfit | None:
        """Accept every program."""
        del program
        return None

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the one statement `train … by minimize(F)`."""
        return (train(program, names, loss="F"),)
