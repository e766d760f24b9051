"""`spiral`: points along the spiral of the lecture."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays

TURNS = 1.5


@final
@concept("spiral")
class Spiral(Dataset):
    r"""A noisy spiral in the plane, one and a half turns out to radius 1.

    $y = t\,(\cos 3\pi t, \sin 3\pi t) + \varepsilon$ with $t = \sqrt u$, $u$ uniform and
    $\varepsilon$ normal of standard deviation `noise`. The square root spreads the points
    evenly along the curve. `n` points are for training, a quarter as many for testing.

    References: LeCun 2020, Energy-based models (part 2), NYU DS-GA 1008
    """

    n: int = 5000
    noise: float = 0.01

    def __post_init__(self) -> None:
        if self.n < 1 or self.noise < 0:
            raise ValueError("a spiral has at least 1 point and a noise of at least 0")

    def fields(self) -> tuple[Field, ...]:
        return (Field("point", (2,), main=True),)

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        rng = np.random.default_rng((seed, int(training)))
        count = self.n if training else self.n // 4
        t = np.sqrt(rng.random(count))
        angle = 2 * np.pi * TURNS * t
        curve = np.stack((t * np.cos(angle), t * np.sin(angle)), axis=1)
        return {"point": curve + self.noise * rng.standard_normal(curve.shape)}
