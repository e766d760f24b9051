"""`mmd2`: how different two clouds of samples are."""

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
@concept("mmd2")
class Mmd2(Function):
    r"""How different two clouds of samples are: the squared maximum mean discrepancy.

    $\overline{k(a, a')} + \overline{k(b, b')} - 2\, \overline{k(a, b)}$, free of bias (it may
    be below zero), with the kernel $k(u, v) = e^{-\lVert u - v \rVert^2 / 2 w^2}$. The width
    $w$ is the median distance between two samples of the second cloud.

    References: Gretton, Borgwardt, Rasch, Schölkopf & Smola 2012, section 2.2,
    https://jmlr.org/papers/v13/gretton12a.html
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(high=2),
        Facts(smoothness=Smoothness.C0, high=2),
    )
    over_split: ClassVar[bool] = True
    symbol: ClassVar[Symbol] = Symbol("MMD²({}, {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return a scalar for two equal shapes."""
        left, right = arguments
        return (
            () if left == right else Misfit(f"{show(left)} and {show(right)} are no one space")
        )

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, columns [n, *event] and [m, *event] -> []."""
        a, b = (each.unsqueeze(-1).flatten(1).double() for each in arguments)
        apart = torch.pdist(b)
        width = 2 * apart.median().square().clamp_min(1e-24)
        near, far = ((-each.square() / width).exp().mean() for each in (apart, torch.pdist(a)))
        across = (-torch.cdist(a, b).square() / width).exp().mean()
        return (near + far - 2 * across).to(arguments[0].dtype)
