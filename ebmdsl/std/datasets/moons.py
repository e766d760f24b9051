"""`moons`: two crescents that reach into each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays


@final
@concept("moons")
class Moons(Dataset):
    r"""Two half circles in the plane, with normal noise of deviation `noise`.

    $(\cos t, \sin t)$ and $(1 - \cos t, 1/2 - \sin t)$, t uniform in $[0, \pi]$; `label` says
    which. `n` points are for training, a quarter as many for testing.

    References: Zhou, Bousquet, Lal, Weston & Scholkopf 2004, Learning with local and global
    consistency, NIPS 16
    """

    n: int = 5000
    noise: float = 0.05

    def __post_init__(self) -> None:
        if self.n < 1 or self.noise < 0:
            raise ValueError("there is at least 1 point, and a noise of at least 0")

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("point", (2,), main=True),
            Field("label", (2,), domain="onehot", low=0.0, high=1.0),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        rng = np.random.default_rng((seed, int(training)))
        count = self.n if training else self.n // 4
        label = rng.integers(0, 2, count)
        angle = np.pi * rng.random(count)
        upper = np.stack((np.cos(angle), np.sin(angle)), axis=1)
        moons = np.where(label[:, None] == 0, upper, np.array([1.0, 0.5]) - upper)
        noisy = moons + self.noise * rng.standard_normal(moons.shape)
        return {"point": noisy, "label": np.eye(2)[label]}
