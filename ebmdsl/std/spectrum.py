"""Second-order statistics of samples: covariance in float64, and what whitens it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray


class Spectrum(NamedTuple):
    """Mean, eigenvalues (largest first) and eigenvectors (columns) of a set of samples."""

    mean: NDArray[float64]
    values: NDArray[float64]
    vectors: NDArray[float64]


def spectrum(rows: NDArray[float64]) -> Spectrum:
    """Diagonalize the covariance of `rows`: [n, d], in float64 whatever they come in."""
    import numpy as np

    mean = rows.mean(axis=0, dtype=np.float64)
    centered = rows - mean
    values, vectors = np.linalg.eigh(centered.T @ centered / len(rows))
    return Spectrum(mean, np.maximum(values[::-1], 0.0), vectors[:, ::-1])


def zca(found: Spectrum, floor: float) -> NDArray[float64]:
    """Return the symmetric whitening matrix; small eigenvalues count as `floor` x largest."""
    import numpy as np

    floored = np.maximum(found.values, floor * found.values[0])
    return (
        found.vectors / np.sqrt(np.maximum(floored, np.finfo(float).tiny))
    ) @ found.vectors.T


def low_pass(height: int, width: int, *, cutoff: float) -> NDArray[float64]:
    r"""Return the matrix of the radial low-pass $e^{-(f/c)^4}$ on images of this size.

    `f` is in cycles per pixel (0.5 is the finest grating a grid can carry). The matrix is
    diagonal in the cosine basis, which continues an image by its mirror image, so that
    no edge leaks around to the opposite side.
    """
    import numpy as np

    basis = np.kron(cosines(height), cosines(width))
    down, across = np.arange(height) / (2 * height), np.arange(width) / (2 * width)
    radius = np.hypot(down[:, None], across[None, :]).ravel()
    return basis.T @ (np.exp(-((radius / cutoff) ** 4))[:, None] * basis)


def cosines(n: int) -> NDArray[float64]:
    """Return the orthonormal cosine basis (DCT-II), one frequency per row: [n, n]."""
    import numpy as np

    k, x = np.arange(n)[:, None], np.arange(n)[None, :]
    rows = np.cos(np.pi * (x + 0.5) * k / n) * np.sqrt(2 / n)
    rows[0] /= np.sqrt(2)
    return rows
