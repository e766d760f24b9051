"""Sources of data for the laws: one example of each, and what its samples obey."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.fields import UNCUT
from tests.laws import published

SPLITS = ("train", "test")
EXAMPLES: dict[str, dict[str, Any]] = {
    "bumps": {"n": 40},
    "file": {"path": published.VALUES},
    "ising": {"n": 60},
    "letters": {"corpus": "brown", "length": 9},
    "photographs": {"side": 64},
    "tracks": {"n": 40},
    "videos": {"side": 16},
}
GENERATED = (
    "bumps",
    "futures",
    "gaussian",
    "ising",
    "moons",
    "ring",
    "roots",
    "spiral",
    "tracks",
)


def source(word: str, **options: Any) -> Dataset:
    """Return a source with the options of its example, or others."""
    found: Any = find(Dataset, word)
    made = found(**{**EXAMPLES.get(word, {}), **options})
    assert isinstance(made, Dataset)
    return made


def main_of(dataset: Dataset, split: str, *, seed: int = 0) -> NDArray[Any]:
    """Return the main field of a split."""
    name = next(field.name for field in dataset.fields() if field.main)
    return dataset.load(split, seed)[name]


def assert_in_domain(x: NDArray[Any], field: Field) -> None:
    known = x[~np.isnan(x)] if field.domain in UNCUT else x
    assert np.isfinite(known).all()
    assert field.low <= known.min()
    assert known.max() <= field.high
    if field.domain == "onehot":
        np.testing.assert_array_equal(np.sort(x, axis=1)[:, -2:], [[0, 1]] * len(x))
