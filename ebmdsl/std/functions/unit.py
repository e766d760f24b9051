"""`unit`: direction of a sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("unit")
class Unit(Function):
    r"""Direction of a sample, $x / \lVert x \rVert_2$: its nearest point on the unit sphere.

    Samples shorter than 1e-12 are lengthened less, so that it is continuous.

    References: Wang & Isola 2020, arXiv:2005.10242
    """

    facts: ClassVar[tuple[Facts, ...]] = (Facts(smoothness=Smoothness.C0, low=-1, high=1),)
    symbol: ClassVar[Symbol] = Symbol("unit({})")

    def shape(self, *arguments: Shape) -> Shape:
        """Return the shape of the argument."""
        return arguments[0]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, *event] -> [n, *event]."""
        rows = torch.nn.functional.normalize(arguments[0].unsqueeze(-1).flatten(1), dim=-1)
        return rows.reshape(arguments[0].shape)
