"""`ring`: Gaussian blobs around a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays


@final
@concept("ring")
class Ring(Dataset):
    """A mixture of `modes` equal Gaussians of deviation `noise`, evenly on the unit circle.

    `label` says which one a point is from. `n` points are for training, a quarter as many
    for testing.

    References: Metz, Poole, Pfau & Sohl-Dickstein 2017, arXiv:1611.02163
    """

    modes: int = 8
    n: int = 5000
    noise: float = 0.05

    def __post_init__(self) -> None:
        if self.modes < 1 or self.n < 1 or self.noise < 0:
            raise ValueError("there is at least 1 mode, 1 point and a noise of at least 0")

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("point", (2,), main=True),
            Field("label", (self.modes,), domain="onehot", low=0.0, high=1.0),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        rng = np.random.default_rng((seed, int(training)))
        count = self.n if training else self.n // 4
        label = rng.integers(0, self.modes, count)
        angle = 2 * np.pi * label / self.modes
        centers = np.stack((np.cos(angle), np.sin(angle)), axis=1)
        noisy = centers + self.noise * rng.standard_normal(centers.shape)
        return {"point": noisy, "label": np.eye(self.modes)[label]}
