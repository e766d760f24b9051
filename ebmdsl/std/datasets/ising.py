"""`ising`: exact samples of small magnets on a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays

WIDEST = 10


class Bonds(NamedTuple):
    """Couplings to the right [side, side - 1] and down [side - 1, side]."""

    right: NDArray[float64]
    down: NDArray[float64]


@final
@concept("ising")
class Ising(Dataset):
    r"""Spins -1 and 1 on a square grid with random couplings between neighbors.

    $p(y) \propto \exp(\frac12 y^T J y)$, J symmetric with zeros on the diagonal; the couplings
    of neighbors are normal with deviation `strength` and depend on the seed alone. `spins`
    are independent exact draws, made row by row with a transfer matrix; `couplings` is J,
    the same for every sample. `n` are for training, a quarter as many for testing.

    References: Sohl-Dickstein, Battaglino & DeWeese 2011, arXiv:0906.4779
    """

    side: int = 5
    strength: float = 0.5
    n: int = 20_000

    def __post_init__(self) -> None:
        if not 1 <= self.side <= WIDEST:
            raise ValueError(f"a grid has at least 1 and at most {WIDEST} spins a side")
        if self.n < 1 or self.strength < 0:
            raise ValueError("there is at least 1 sample and a strength of at least 0")

    def fields(self) -> tuple[Field, ...]:
        spins = self.side**2
        return (
            Field("spins", (spins,), domain="spin", low=-1.0, high=1.0, main=True),
            Field("couplings", (spins, spins)),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        bonds = self._bonds(np.random.default_rng((seed, 2)))
        rng = np.random.default_rng((seed, int(training)))
        count = self.n if training else self.n // 4
        spins = _draws(bonds, count, rng=rng)
        matrix = _matrix(bonds)
        return {"spins": spins, "couplings": np.broadcast_to(matrix, (count, *matrix.shape))}

    def _bonds(self, rng: Generator) -> Bonds:
        right = self.strength * rng.standard_normal((self.side, self.side - 1))
        return Bonds(right, self.strength * rng.standard_normal((self.side - 1, self.side)))


def _matrix(bonds: Bonds) -> NDArray[float64]:
    """Return the couplings of all pairs of spins, row by row of the grid."""
    import numpy as np

    side = len(bonds.right)
    number = np.arange(side * side).reshape(side, side)
    matrix = np.zeros((side * side, side * side))
    matrix[number[:, :-1], number[:, 1:]] = bonds.right
    matrix[number[:-1], number[1:]] = bonds.down
    return matrix + matrix.T


def _draws(bonds: Bonds, count: int, *, rng: Generator) -> NDArray[float64]:
    """Draw whole grids: each row given the one above, all rows below summed out."""
    import numpy as np

    side = len(bonds.right)
    rows = 2.0 * ((np.arange(2**side)[:, None] >> np.arange(side)) & 1) - 1
    inside = (rows[:, :-1] * rows[:, 1:]) @ bonds.right.T
    between = [(rows * each) @ rows.T for each in bonds.down]
    below = [np.zeros(2**side)]
    for k in reversed(range(side - 1)):
        below.append(_log_sum(between[k] + inside[:, k + 1] + below[-1]))
    below.reverse()
    state = _pick(np.broadcast_to(inside[:, 0] + below[0], (count, 2**side)), rng)
    drawn = [state]
    for k in range(1, side):
        table = between[k - 1] + inside[:, k] + below[k]
        drawn.append(_pick(table[drawn[-1]], rng))
    return rows[np.stack(drawn, axis=1)].reshape(count, side * side)


def _log_sum(table: NDArray[float64]) -> NDArray[float64]:
    import numpy as np

    most = table.max(axis=1)
    return most + np.log(np.exp(table - most[:, None]).sum(axis=1))


def _pick(scores: NDArray[float64], rng: Generator) -> NDArray[int64]:
    """Draw an index for each row in proportion to exp(score)."""
    import numpy as np

    weights = np.exp(scores - scores.max(axis=1, keepdims=True)).cumsum(axis=1)
    drawn = rng.random(len(weights)) * weights[:, -1]
    return (weights <= drawn[:, None]).sum(axis=1)
