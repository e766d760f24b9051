"""`photographs`: eleven real photographs and textures, in gray."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.fields import PICTURE, packaged
from ebmdsl.std.pictures import canvas

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays

FILES = (
    ("sklearn", "datasets/images/china.jpg"),
    ("sklearn", "datasets/images/flower.jpg"),
    ("skimage", "data/camera.png"),
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/coffee.png"),
    ("skimage", "data/chelsea.png"),
    ("skimage", "data/rocket.jpg"),
    ("skimage", "data/motorcycle_left.png"),
    ("skimage", "data/gravel.png"),
    ("skimage", "data/grass.png"),
    ("skimage", "data/brick.png"),
)
LUMA = (0.299, 0.587, 0.114)
TRAINING = 0.8
SMALLEST = 16


@final
@concept("photographs")
class Photographs(Dataset):
    """Natural photographs that ship inside the scikit-learn and scikit-image packages.

    Gray, in [0, 1], shrunk until the short side has `side` pixels (which removes the
    blur of lens and JPEG; no picture is enlarged). The left 80% of each picture's width is
    for training and the right 20% for testing, so their patches share no pixel.

    References: Olshausen & Field 1996, doi:10.1038/381607a0
    """

    side: int = 384

    def __post_init__(self) -> None:
        if self.side < SMALLEST:
            raise ValueError(f"a picture has a short side of at least {SMALLEST} pixels")

    def fields(self) -> tuple[Field, ...]:
        shape = (self.side, self.side * 8 // 5)
        return (Field("image", shape, domain=PICTURE, low=0.0, high=1.0, main=True),)

    def load(self, split: str, seed: int) -> Arrays:
        del seed  # pictures are what they are
        part = _left if split == "train" else _right
        pictures = [part(_gray(*file, side=self.side)) for file in FILES]
        return {"image": canvas(pictures, self.fields()[0].shape)}


def _left(picture: NDArray[float64]) -> NDArray[float64]:
    return picture[:, : round(TRAINING * picture.shape[1])]


def _right(picture: NDArray[float64]) -> NDArray[float64]:
    return picture[:, round(TRAINING * picture.shape[1]) :]


def _gray(package: str, path: str, *, side: int) -> NDArray[float64]:
    """Read a picture, make it gray and shrink it with a Lanczos filter."""
    import numpy as np
    from PIL import Image

    with Image.open(packaged(package, path)) as file:
        colors = np.asarray(file.convert("RGB"), dtype=np.float64) / 255
    gray = Image.fromarray((colors @ np.array(LUMA)).astype(np.float32))
    ratio = min(1.0, side / min(gray.size))
    small = gray.resize(
        (round(gray.width * ratio), round(gray.height * ratio)), Image.Resampling.LANCZOS
    )
    return np.clip(np.asarray(small, dtype=np.float64), 0.0, 1.0)
