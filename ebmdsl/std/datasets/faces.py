"""`faces`: 100 real faces and 100 pieces of background, 25 x 25 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.fields import packaged

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays

FACES, PIXELS, TRAINING = 100, 25, 160


@final
@concept("faces")
class Faces(Dataset):
    """Labeled Faces in the Wild, the crops that ship with scikit-image, in gray.

    `image` holds one channel of 25 x 25 pixels in [0, 1], `label` the class as a one-hot
    vector: a face, or no face. 160 of a fixed permutation (`RandomState(0)`) are for
    training, 40 for testing. With `classes(0..0)` behind it there are faces only.

    References: Huang, Ramesh, Berg & Learned-Miller 2007, Labeled faces in the wild
    """

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("image", (1, PIXELS, PIXELS), low=0.0, high=1.0, main=True),
            Field("label", (2,), domain="onehot", low=0.0, high=1.0),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        del seed  # the split is fixed
        images = np.load(packaged("skimage", "data/lfw_subset.npy"), allow_pickle=False)
        order = np.random.RandomState(0).permutation(len(images))
        rows = order[:TRAINING] if split == "train" else order[TRAINING:]
        return {
            "image": images[rows].reshape(-1, 1, PIXELS, PIXELS).astype(np.float64),
            "label": np.eye(2)[(rows >= FACES).astype(np.int64)],
        }
