"""`unit`: direction of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.concepts.shape import Shape


@final
@concept("unit")
class Unit(Layer):
    r"""Direction of a sample, $x / \lVert x \rVert_2$; its nearest point on the unit sphere.

    Samples shorter than 1e-12 are lengthened less, so that it is continuous.

    References: Wang & Isola 2020, arXiv:2005.10242
    """

    facts: ClassVar[Facts] = Facts(smoothness=Smoothness.C0, low=-1, high=1)

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare no parameters."""
        del x
        return ()

    def shape(self, x: Shape) -> Shape:
        """Return the shape of the input."""
        return x

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        del weights, context
        rows = torch.nn.functional.normalize(x.flatten(1), dim=-1)
        return rows.reshape(x.shape)
