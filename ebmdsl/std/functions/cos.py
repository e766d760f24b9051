"""`cos`: cosine of the angle between two samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("cos")
class Cos(Function):
    r"""Cosine of the angle between two samples, $x^\top y / \lVert x \rVert \lVert y \rVert$.

    A norm below `eps` counts as `eps`, so that two samples near zero have a small cosine
    and a bounded slope.

    References: Salton, Wong & Yang 1975, doi:10.1145/361219.361220
    """

    eps: float = 1e-8
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.C0, low=-1, high=1),
        Facts(smoothness=Smoothness.C0, low=-1, high=1),
    )
    joint: ClassVar[Facts | None] = Facts(smoothness=Smoothness.C0, low=-1, high=1)
    symbol: ClassVar[Symbol] = Symbol("cos({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for two equal shapes."""
        left, right = arguments
        if left != right:
            return Misfit(f"{show(left)} and {show(right)} make no angle")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, two [n, *event] -> [n]."""
        left, right = arguments
        return torch.cosine_similarity(
            left.unsqueeze(-1).flatten(1), right.unsqueeze(-1).flatten(1), dim=-1, eps=self.eps
        )
