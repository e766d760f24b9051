"""Spectral anisotropy of filters: how much each prefers one orientation, and which."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

import numpy as np

if TYPE_CHECKING:
    from numpy import bool_, float64, int64
    from numpy.typing import NDArray

BINS = 8
ORIENTED = 0.4
PADDED = 64


@final
class Tuning(NamedTuple):
    """Anisotropy in [0, 1] and preferred orientation in degrees [0, 180) of each filter.

    The orientation is that of the wave vector: 0 for vertical stripes, 90 for horizontal.
    """

    anisotropy: NDArray[float64]
    degrees: NDArray[float64]

    @property
    def oriented(self) -> NDArray[bool_]:
        """Which filters have an anisotropy above 0.4."""
        return self.anisotropy > ORIENTED

    @property
    def share(self) -> float:
        """The share of oriented filters."""
        return float(self.oriented.mean())

    @property
    def counts(self) -> NDArray[int64]:
        """How many oriented filters fall into each of 8 bins, the first centered on 0."""
        width = 180 / BINS
        bins = np.floor((self.degrees[self.oriented] + width / 2) / width).astype(np.int64)
        return np.bincount(bins % BINS, minlength=BINS)


def tuning(filters: NDArray[float64]) -> Tuning:
    r"""Measure filters [k, height, width] by the second angular moment of their power.

    With $P(f) = |\hat w(f)|^2$ over the zero-padded transform (constant part removed) and
    $\theta$ the angle of f, $m = \sum P e^{2 i \theta} / \sum P$; anisotropy is $|m|$ and the
    preferred wave vector points along $\arg(m) / 2$. An all-zero filter counts as isotropic.

    References: Mardia & Jupp 2000, Directional Statistics, section 3.4 (axial data)
    """
    centered = filters - filters.mean(axis=(1, 2), keepdims=True)
    power = np.abs(np.fft.fft2(centered, (PADDED, PADDED))) ** 2
    down, across = np.meshgrid(*[np.fft.fftfreq(PADDED)] * 2, indexing="ij")
    turned = np.exp(2j * np.arctan2(down, across))
    total = np.maximum(power.sum(axis=(1, 2)), np.finfo(np.float64).tiny)
    moment = (power * turned).sum(axis=(1, 2)) / total
    return Tuning(np.abs(moment), np.rad2deg(np.angle(moment) / 2) % 180)
