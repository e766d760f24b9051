"""`file`: numbers from a file of your own."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.arrays import contents, located, shapes
from ebmdsl.std.fields import WrongDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays

BOUNDS = {
    "real": (-inf, inf),
    "nonneg": (0.0, inf),
    "positive": (0.0, inf),
    "binary": (0.0, 1.0),
    "spin": (-1.0, 1.0),
    "onehot": (0.0, 1.0),
    "simplex": (0.0, 1.0),
    "sphere": (-1.0, 1.0),
}
TRAINING = 0.8
ROUNDING = 1e-6


@final
@concept("file")
class File(Dataset):
    """The arrays of a `.npy`, `.npz` or `.csv` file, one sample a row.

    The file is looked for where the command runs, then in the data folder. Its array is
    the field `value`; those of an `.npz` have their own names and the first is the main
    one. A `.csv` holds numbers and may begin with a line of names. `domain` says what the
    main field holds, such as `binary`, and is checked when the file is read. Four fifths
    of the rows, by a fixed permutation, are for training, the rest for testing.

    References: Harris et al. 2020, doi:10.1038/s41586-020-2649-2
    """

    path: str
    domain: str = "real"

    def __post_init__(self) -> None:
        if self.domain not in BOUNDS:
            raise ValueError(f"a file holds {', '.join(BOUNDS)}, not {self.domain}")
        found = shapes(located(self.path))
        if not found or min(len(shape) for shape in found.values()) < 1:
            raise ValueError(f"{self.path} has no rows")
        counts = {shape[0] for shape in found.values()}
        if len(counts) != 1 or min(counts) < 2:
            raise ValueError(f"the arrays of {self.path} do not have the same 2 rows or more")

    def fields(self) -> tuple[Field, ...]:
        first, *others = [(name, shape[1:]) for name, shape in self._shapes().items()]
        low, high = BOUNDS[self.domain]
        main = Field(*first, domain=self.domain, low=low, high=high, main=True)
        return main, *(Field(*other) for other in others)

    def load(self, split: str, seed: int) -> Arrays:
        import numpy as np

        del seed  # the permutation is fixed
        found = contents(located(self.path))
        count = len(next(iter(found.values())))
        order = np.random.RandomState(0).permutation(count)
        kept = round(TRAINING * count)
        rows = order[:kept] if split == "train" else order[kept:]
        arrays = {name: np.asarray(x[rows], np.float64) for name, x in found.items()}
        self._verify(arrays)
        return arrays

    def _shapes(self) -> dict[str, tuple[int, ...]]:
        return shapes(located(self.path))

    def _verify(self, arrays: Arrays) -> None:
        import numpy as np

        if any(not np.isfinite(x).all() for x in arrays.values()):
            raise WrongDataError(f"{self.path} holds numbers that are not finite")
        if not _obeys(next(iter(arrays.values())), self.domain):
            raise WrongDataError(f"{self.path} holds numbers that are not {self.domain}")


def _obeys(x: NDArray[Any], domain: str) -> bool:
    """Tell whether every sample is what the domain says."""
    import numpy as np

    low, high = BOUNDS[domain]
    if not ((low <= x) & (x <= high)).all():
        return False
    match domain:
        case "binary" | "spin":
            return bool(np.isin(x, (low, high)).all())
        case "positive":
            return bool((x > 0).all())
        case "onehot":
            return bool(np.isin(x, (0.0, 1.0)).all() and (x.sum(axis=-1) == 1).all())
        case "simplex":
            return bool(np.allclose(x.sum(axis=-1), 1, atol=ROUNDING))
        case "sphere":
            return bool(np.allclose(np.square(x).sum(axis=-1), 1, atol=ROUNDING))
        case _:
            return True
