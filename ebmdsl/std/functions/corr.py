"""`corr`: correlation between the entries of two samples."""

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
@concept("corr")
class Corr(Function):
    r"""Correlation between the entries of two samples, the cosine of what is beside the mean.

    References: Pearson 1895, doi:10.1098/rspl.1895.0041
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.C0, low=-1, high=1),
        Facts(smoothness=Smoothness.C0, low=-1, high=1),
    )
    joint: ClassVar[Facts | None] = Facts(smoothness=Smoothness.C0, low=-1, high=1)
    symbol: ClassVar[Symbol] = Symbol("corr({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for two equal shapes."""
        left, right = arguments
        if left != right:
            return Misfit(f"{show(left)} and {show(right)} do not correspond")
        return ()

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, two [n, *event] -> [n]."""
        left, right = (x.unsqueeze(-1).flatten(1) for x in arguments)
        left, right = (x - x.mean(1, keepdim=True) for x in (left, right))
        return torch.cosine_similarity(left, right, dim=1)
