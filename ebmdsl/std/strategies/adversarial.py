"""`adversarial`: two players."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.phrases import Points, call, contrast, known_loss, one_observed, train

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program


@final
@concept("adversarial")
class Adversarial(Strategy):
    """Two players: the energy tells samples from those of a generator, which lowers theirs.

    References: Zhao, Mathieu & LeCun 2017, arXiv:1609.03126
    """

    loss: Text = Text("logistic")

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for one generator, one observed variable and a known loss."""
        refused = one_observed(program) or known_loss(self.loss)
        if refused is not None:
            return refused
        if len(program.generators) != 1:
            found = len(program.generators)
            return Misfit(f"it needs one `generator` node, and here are {found}")
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
