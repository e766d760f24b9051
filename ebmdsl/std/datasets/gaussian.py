"""`gaussian`: one correlated Gaussian whose precision is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays


@final
@concept("gaussian")
class Gaussian(Dataset):
    r"""Samples of `d` numbers with mean 0 and covariance $C_{ij} = \rho^{|i - j|}$.

    The inverse of the covariance has three diagonals, which are known exactly. `n` points
    are for training, a quarter as many for testing.

    References: Hyvarinen 2005, Estimation of non-normalized statistical models by score
    matching, JMLR 6
    """

    d: int = 4
    rho: float = 0.6
    n: int = 5000

    def __post_init__(self) -> None:
        if self.d < 1 or self.n < 1:
            raise ValueError("there is at least 1 number and 1 sample")
        if not -1 < self.rho < 1:
            raise ValueError(f"a correlation lies between at least -1 and 1, not {self.rho}")

    def fields(self) -> tuple[Field, ...]:
        return (Field("point", (self.d,), main=True),)

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        training = split == "train"
        rng = np.random.default_rng((seed, int(training)))
        apart = np.abs(np.subtract.outer(np.arange(self.d), np.arange(self.d)))
        root = np.linalg.cholesky(np.power(self.rho, apart))
        count = self.n if training else self.n // 4
        return {"point": rng.standard_normal((count, self.d)) @ root.T}
