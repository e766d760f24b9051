"""`futures`: one past, two futures."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays


@final
@concept("futures")
class Futures(Dataset):
    r"""A place x and where it is next: $y = x \pm 1$ with equal probability, and some noise.

    The prediction with the least squared error is x, where y never is. `x` is uniform in
    [-1, 1], the noise normal with deviation `noise`; `turn` is the choice, as a one-hot
    vector. The data alone means y. `n` pairs are for training, a quarter as many for testing.

    References: Mathieu, Couprie & LeCun 2016, arXiv:1511.05440
    """

    n: int = 5000
    noise: float = 0.05

    def __post_init__(self) -> None:
        if self.n < 1 or self.noise < 0:
            raise ValueError("there is at least 1 pair, and a noise of at least 0")

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("x", (1,), low=-1.0, high=1.0),
            Field("y", (1,), main=True),
            Field("turn", (2,), domain="onehot", low=0.0, high=1.0),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        rng = np.random.default_rng((seed, int(training)))
        count = self.n if training else self.n // 4
        x = rng.uniform(-1, 1, (count, 1))
        turn = rng.integers(0, 2, count)
        y = x + (2 * turn[:, None] - 1) + self.noise * rng.standard_normal(x.shape)
        return {"x": x, "y": y, "turn": np.eye(2)[turn]}
