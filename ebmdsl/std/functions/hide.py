"""`hide`: sample with a mask sign wherever a mask is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Curvature, Facts
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, is_scalar, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("hide")
class Hide(Function):
    r"""Sample with a mask sign wherever a mask is one, $(1 - m)\, u + s\, m$.

    References: Devlin, Chang, Lee & Toutanova 2019, arXiv:1810.04805
    """

    sign: float = 0.0
    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(degree=1, curvature=Curvature.AFFINE, block=Block.ELEMENTWISE),
        Facts(degree=1, curvature=Curvature.AFFINE, block=Block.ELEMENTWISE),
    )
    joint: ClassVar[Facts | None] = Facts(degree=2, block=Block.GROUPED)
    names: ClassVar[tuple[str, ...]] = ("u", "where")
    takes: ClassVar[tuple[str, ...]] = ("entries", "bits")
    symbol: ClassVar[Symbol] = Symbol("hide({} where {})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return the shape of the sample; the mask has it too, or its first dimensions."""
        u, where = arguments
        if where != u[: len(where)] and not is_scalar(where):
            return Misfit(f"a mask {show(where)} does not fit {show(u)}")
        return u

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, two [n, *event] -> [n, *event]."""
        u, where = arguments
        known = () if is_scalar(tuple(where.shape[1:])) else where.shape[1:]
        mask = where.reshape(u.shape[0], *known, *([1] * (u.dim() - 1 - len(known))))
        return u + mask.to(u.dtype) * (self.sign - u)
