"""`whiten`: equal power at every frequency up to a cut-off, and none above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit, size
from ebmdsl.std.fields import PICTURE, main_field, only, unbounded
from ebmdsl.std.images import as_images, image_field
from ebmdsl.std.pictures import canvas, pictures_on, windows
from ebmdsl.std.spectrum import low_pass, spectrum, zca

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy import float64
    from numpy.random import Generator
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays

FLOOR = 1e-3
KERNEL = 15
KERNEL_SAMPLES = 20_000
LARGEST = 4096


@final
@concept("whiten")
class Whiten(Transform):
    r"""ZCA whitening times the radial low-pass $e^{-(f/c)^4}$, scaled to variance 1.

    The matrix comes from the covariance of the training split in float64; eigenvalues
    below 1e-3 of the largest count as that much, so that noise is not blown up. `cutoff`
    is in cycles per pixel: 0.5 is the finest grating, 0.4 the usual choice. After
    `patches` or `crops` it acts on each sample, on all its channels at once; on whole
    pictures the same filter, the central row of the matrix for 15 x 15 pixels, is
    convolved with the picture.

    References: Olshausen & Field 1997, doi:10.1016/S0042-6989(97)00169-7
    """

    cutoff: float = 0.4

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        if self.cutoff <= 0:
            reason = "the cut-off frequency must be positive"
            return Misfit(reason, "write `cutoff = 0.4`", option="cutoff")
        image = main if main.domain == PICTURE else image_field(fields)
        if isinstance(image, Misfit):
            return Misfit(f"whitening with a cut-off: {image.reason}", "use `pca_whiten`")
        if main.domain != PICTURE and size(main.shape) > LARGEST:
            return Misfit(f"more than {LARGEST} pixels: the covariance would be too large")
        return unbounded(fields)

    def fit(self, train: Arrays) -> Arrays:
        _, x = only(train)
        return _fit_pictures(x, self.cutoff) if _is_canvas(x) else _fit_rows(x, self.cutoff)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        import numpy as np

        del rng
        name, x = only(arrays)
        if "kernel" in state:
            filtered = [
                _convolve(picture - state["mean"], state["kernel"])
                for picture in pictures_on(x)
            ]
            return {name: canvas(filtered, x.shape[1:])}
        rows = x.reshape(len(x), -1) - state["mean"]
        return {name: np.asarray(rows @ state["matrix"].T).reshape(x.shape)}


def _is_canvas(x: NDArray[float64]) -> bool:
    return x.ndim == 3


def _fit_rows(x: NDArray[float64], cutoff: float) -> Arrays:
    """Fit mean and matrix on samples [n, *event]."""
    import numpy as np

    found = spectrum(x.reshape(len(x), -1))
    channels, height, width = as_images(x[:1]).shape[1:]
    passed = np.kron(np.eye(channels), low_pass(height, width, cutoff=cutoff))
    matrix = passed @ zca(found, FLOOR)
    after = matrix @ found.vectors
    variance = float((after**2 @ found.values).mean())
    return {"mean": found.mean, "matrix": matrix / np.sqrt(variance or 1.0)}


def _fit_pictures(sheets: NDArray[float64], cutoff: float) -> Arrays:
    """Fit mean and convolution kernel on whole pictures."""
    import numpy as np

    pictures = pictures_on(sheets)
    rng = np.random.default_rng(0)
    cut = windows(pictures, KERNEL, count=KERNEL_SAMPLES, rng=rng)
    matrix = _fit_rows(cut.reshape(len(cut), -1), cutoff)["matrix"]
    kernel = matrix[len(matrix) // 2].reshape(KERNEL, KERNEL)
    mean = np.array(np.nanmean(sheets))
    filtered = [_convolve(picture - mean, kernel) for picture in pictures]
    return {"mean": mean, "kernel": kernel / _deviation(filtered)}


def _deviation(pictures: Sequence[NDArray[float64]]) -> float:
    import numpy as np

    return float(np.concatenate([picture.ravel() for picture in pictures]).std()) or 1.0


def _convolve(picture: NDArray[float64], kernel: NDArray[float64]) -> NDArray[float64]:
    """Correlate a picture, continued by its mirror image, with a small kernel."""
    import numpy as np

    wide = np.pad(picture, len(kernel) // 2, mode="symmetric")
    product = np.fft.rfft2(wide) * np.fft.rfft2(kernel, wide.shape).conj()
    height, width = picture.shape
    return np.fft.irfft2(product, wide.shape)[:height, :width]
