"""What a layer may know besides its input, and the statistics that it leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, final

from ebmdsl._record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


class Noise(Protocol):
    """Uniform numbers from 0 to 1, in the shape of a tensor; others at every call."""

    def __call__(self, like: Tensor) -> Tensor:
        """Draw them."""
        ...


@final
@record
class Context:
    """What a layer may know besides its input: the noise of training, and other nets.

    There is noise in training only. `kept` collects running statistics, what a batch says of
    them, and the share of the way that they move there after the parameters have moved.
    `shared` holds the weights of the nets that a net is made of, as `net.layer.weight`.
    """

    noise: Noise | None = None
    kept: list[tuple[Tensor, Tensor, float]] | None = None
    shared: Mapping[str, Tensor] | None = None

    @property
    def training(self) -> bool:
        """Whether layers do what they do in training only."""
        return self.noise is not None

    def elsewhere(self) -> Context:
        """Return the context of other points than the data: their statistics are not kept."""
        return replace(self, kept=None)

    def keep(self, running: Tensor, value: Tensor, *, share: float) -> None:
        """Leave what this batch says of a running statistic."""
        if self.kept is not None:
            self.kept.append((running, value.detach(), share))
