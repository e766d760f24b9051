"""`ln`: layer normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Layer, Weight
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("ln")
class Ln(Layer):
    r"""Layer normalization, $g\, (x - \mu) / \sqrt{\sigma^2 + \epsilon} + b$.

    Mean and variance are those along the last axis, for every sample and every place of a
    sequence by itself.

    References: Ba, Kiros & Hinton 2016, arXiv:1607.06450
    """

    eps: float = 1e-5
    facts: ClassVar[Facts] = Facts()

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare a factor and a bias for each entry of the last axis."""
        return (Weight("weight", x[-1:], init="ones"), Weight("bias", x[-1:], init="zeros"))

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        if not x or len(x) > 2:
            return Misfit("only vectors and sequences are normalized along their last axis")
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del context
        width = (x.shape[-1],)
        return torch.nn.functional.layer_norm(
            x, width, weights["weight"], weights["bias"], self.eps
        )
