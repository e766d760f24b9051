"""`half`: mask that is one on one half of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape

_SIDES = ("left", "right", "top", "bottom")


@final
@concept("half")
class Half(Law):
    """Mask that is one on one half of the picture: `left`, `right`, `top` or `bottom`.

    A picture is the last two axes; of an odd number of rows or columns the middle one is
    zero. Nothing is drawn: the mask is the same every time.

    References: Larochelle & Bengio 2008, doi:10.1145/1390156.1390224, section 6.1
    """

    side: str
    domain: ClassVar[str] = "binary"

    def __post_init__(self) -> None:
        if self.side not in _SIDES:
            raise ValueError(f"`{self.side}` is no side: use left, right, top or bottom")

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse what is no picture."""
        return None if len(shape) >= 2 else Misfit(f"{show(shape)} is not a picture")

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Return the mask."""
        mask = torch.zeros(shape, device=rng.device)
        axis = -1 if self.side in ("left", "right") else -2
        size = shape[axis] // 2
        start = 0 if self.side in ("left", "top") else shape[axis] - size
        mask.narrow(axis, start, size).fill_(1.0)
        return mask
