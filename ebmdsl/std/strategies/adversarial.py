"""`adversarial`: two players."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.phrases import Points, call, contrast, known_loss, one_observed, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Fault, Program


@final
@concept("adversarial")
class Adversarial(Strategy):
    """Two players: the energy tells samples from those of a generator, which lowers theirs.

    References: Zhao, Mathieu & LeCun 2017, arXiv:1609.03126
    """

    loss: Text = Text("logistic")

    def fault(self) -> Fault | None:
        """Return what is wrong with the options."""
        return known_loss(self.loss)

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one generator and one observed variable."""
        refused = one_observed(program)
        if refused is not None:
            return refused
        if len(program.generators) != 1:
            found = f"are {len(program.generators)}" if program.generators else "is none"
            return Misfit(f"it needs one `generator` node, and here {found}")
        return None

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        node = program.generators[0]
        theirs = program.learned(node)
        energy = f"F({node})"
        ours = tuple(name for name in names if name not in theirs)
        logistic = call(self.loss).word == "logistic"
        fooled = f"softplus({energy})" if logistic else energy
        return (
            train(program, ours, loss=contrast(self.loss, Points((), "", energy))),
            f"train {', '.join(theirs)} by minimize({fooled})",
        )
