"""`box`: mask that is one inside a box, somewhere in the picture."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit, show

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("box")
class Box(Law):
    """Mask that is one inside a box and zero outside, in every picture.

    A picture is the last two axes. The box lies anywhere inside it, each place as likely as
    any other, or at its `center`.

    References: Pathak, Krähenbühl, Donahue, Darrell & Efros 2016, arXiv:1604.07379
    """

    height: int
    width: int
    place: str = "anywhere"
    domain: ClassVar[str] = "binary"

    def misfit(self, shape: Shape) -> Misfit | None:
        """Refuse a box that is larger than the picture."""
        if self.place not in ("anywhere", "center"):
            return Misfit(f"`{self.place}` is no place", "use `anywhere` or `center`")
        if len(shape) < 2 or not (
            1 <= self.height <= shape[-2] and 1 <= self.width <= shape[-1]
        ):
            return Misfit(f"a box of {self.height} x {self.width} is not inside {show(shape)}")
        return None

    def draw(self, shape: Shape, rng: Any) -> Tensor:
        """Draw a box for every picture."""
        rows = self._inside(shape, axis=-2, size=self.height, rng=rng)
        columns = self._inside(shape, axis=-1, size=self.width, rng=rng)
        inside = rows[:, :, None] & columns[:, None, :]
        return inside.reshape(shape).to(torch.get_default_dtype())

    def _inside(self, shape: Shape, *, axis: int, size: int, rng: Any) -> Tensor:
        """Mark the places along one axis, [pictures, length]."""
        length = shape[axis]
        room = max(length - size, 0)
        share = torch.rand(prod(shape[:-2]), 1, generator=rng, device=rng.device)
        start = (share * (room + 1)).floor() if self.place == "anywhere" else room // 2
        place = torch.arange(length, device=rng.device) - start * torch.ones_like(share)
        return (place >= 0) & (place < size)
