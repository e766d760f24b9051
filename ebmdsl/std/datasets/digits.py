"""`digits`: 1,797 real handwritten digits of 8 x 8 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.fields import packaged

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays

TRAINING = 1400
CLASSES = 10
WHITE = 16.0


@final
@concept("digits")
class Digits(Dataset):
    """Optical recognition of handwritten digits, as shipped with scikit-learn.

    `image` holds the 64 pixels in [0, 1], `label` the class as a one-hot vector. The
    first 1,400 of a fixed permutation (`RandomState(0)`) are for training, 397 for testing.

    References: Alpaydin & Kaynak 1998, doi:10.24432/C50P49
    """

    def fields(self) -> tuple[Field, ...]:
        return (
            Field("image", (64,), low=0.0, high=1.0, main=True),
            Field("label", (CLASSES,), domain="onehot", low=0.0, high=1.0),
        )

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        del seed  # the split is the published one
        table = np.loadtxt(packaged("sklearn", "datasets/data/digits.csv.gz"), delimiter=",")
        order = np.random.RandomState(0).permutation(len(table))
        rows = table[order[:TRAINING] if split == "train" else order[TRAINING:]]
        return {
            "image": rows[:, :64] / WHITE,
            "label": np.eye(CLASSES)[rows[:, 64].astype(np.int64)],
        }
