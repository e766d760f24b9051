"""`dropout`: entries set to zero at random in training."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("dropout")
class Dropout(Layer):
    r"""Entries set to zero at random in training, $x\, [u \ge r] / (1 - r)$; else nothing.

    In training $u$ is uniform, for every entry of the batch. Nothing is proved of it because
    the noise is no argument.

    References: Hinton, Srivastava, Krizhevsky, Sutskever & Salakhutdinov 2012, arXiv:1207.0580
    """

    rate: float = 0.5
    facts: ClassVar[Facts] = Facts()

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        if not 0 <= self.rate < 1:
            reason = f"the rate {self.rate:g} is not between 0 and 1"
            return Misfit(reason, option="rate")
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del weights
        if context.noise is None:
            return x
        return x * (context.noise(x) >= self.rate) / (1 - self.rate)
