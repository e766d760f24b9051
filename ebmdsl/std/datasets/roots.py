"""`roots`: numbers and one of their square roots."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays


@final
@concept("roots")
class Roots(Dataset):
    r"""Pairs with $y^2 = x$: y is no function of x, for both signs are right.

    `x` is uniform in [0.1, 1.5], the sign of `y` a fair coin. The data alone means y. `n`
    pairs are for training, a quarter as many for testing.

    References: LeCun et al. 2006, A tutorial on energy-based learning
    """

    n: int = 5000

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("there is at least 1 pair")

    def fields(self) -> tuple[Field, ...]:
        high = 1.5**0.5
        return (
            Field("x", (1,), low=0.1, high=1.5),
            Field("y", (1,), low=-high, high=high, main=True),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        rng = np.random.default_rng((seed, int(training)))
        count = self.n if training else self.n // 4
        x = rng.uniform(0.1, 1.5, (count, 1))
        return {"x": x, "y": np.sqrt(x) * rng.choice((-1.0, 1.0), (count, 1))}
