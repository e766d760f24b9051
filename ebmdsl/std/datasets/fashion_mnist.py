"""`fashion_mnist`: 70,000 pictures of clothes, 28 x 28 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.folder import idx, supplied

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays

INSIDE = "usr/share/datasets/fashion-mnist"
COMMAND = "apt-get download dataset-fashion-mnist && dpkg-deb -x dataset-fashion-mnist_*.deb ."
NAMES = {"train": "train", "test": "t10k"}
PIXELS, CLASSES, WHITE = 28, 10, 255.0


@final
@concept("fashion_mnist")
class FashionMnist(Dataset):
    """Pictures of clothes as published: 60,000 for training, 10,000 for testing.

    `image` holds one channel of 28 x 28 pixels in [0, 1], `label` the class as a one-hot
    vector. With `n`, only the first n are for training. The files come from the Debian
    package `dataset-fashion-mnist`, unpacked in the data folder.

    References: Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747
    """

    fetch: ClassVar[str] = COMMAND
    n: int = 60_000

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("there is at least 1 picture to learn from")

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("image", (1, PIXELS, PIXELS), low=0.0, high=1.0, main=True),
            Field("label", (CLASSES,), domain="onehot", low=0.0, high=1.0),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import gzip

        import numpy as np

        del seed  # the split is the published one
        kinds = ("images-idx3", "labels-idx1")
        names = [f"{INSIDE}/{NAMES[split]}-{kind}-ubyte.gz" for kind in kinds]
        images, labels = (
            idx(gzip.decompress(supplied(name, COMMAND).read_bytes())) for name in names
        )
        most = self.n if split == "train" else len(images)
        return {
            "image": images[:most].reshape(-1, 1, PIXELS, PIXELS) / WHITE,
            "label": np.eye(CLASSES)[labels[:most].astype(np.int64)],
        }
