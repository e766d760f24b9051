"""`tracks`: points that move at nearly constant speed, seen through noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays

PACE = 0.1


@final
@concept("tracks")
class Tracks(Dataset):
    r"""Linear motion in the plane with a known state, as a Kalman filter assumes it.

    The state is the place p and the speed v, both standard normal at first; then
    $p_t = p_{t-1} + v_{t-1}/10 + \eta_t$ and $v_t = v_{t-1} + \eta'_t$ with normal steps of
    deviation `drift`. `place` is p with normal noise of deviation `noise`, `state` is (p, v)
    without it. `n` tracks are for training, a quarter as many for testing.

    References: Kalman 1960, doi:10.1115/1.3662552
    """

    length: int = 50
    noise: float = 0.1
    drift: float = 0.05
    n: int = 2000

    def __post_init__(self) -> None:
        if self.length < 1 or self.n < 1:
            raise ValueError("a track has at least 1 point, and there is at least 1 track")
        if self.noise < 0 or self.drift < 0:
            raise ValueError("the deviations of noise and drift are at least 0")

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("place", (self.length, 2), main=True),
            Field("state", (self.length, 4)),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        rng = np.random.default_rng((seed, int(training)))
        count = self.n if training else self.n // 4
        step = np.eye(4) + PACE * np.eye(4, k=2)
        moved = [rng.standard_normal((count, 4))]
        for _ in range(self.length - 1):
            moved.append(moved[-1] @ step.T + self.drift * rng.standard_normal((count, 4)))
        state = np.stack(moved, axis=1)
        place = state[..., :2]
        return {"place": place + self.noise * rng.standard_normal(place.shape), "state": state}
