"""Domains: what each entry of a variable may be."""

from __future__ import annotations

from math import inf, prod
from typing import TYPE_CHECKING, final

from ebmdsl._record import record

if TYPE_CHECKING:
    from ebmdsl.concepts.shape import Shape

TINY = 1e-30  # "positive" means that one can divide by it
BOUNDS: dict[str, tuple[float, float]] = {
    "real": (-inf, inf),
    "nonneg": (0, inf),
    "positive": (TINY, inf),
    "binary": (0, 1),
    "spin": (-1, 1),
    "onehot": (0, 1),
    "token": (0, inf),
    "simplex": (0, 1),
    "sphere": (-1, 1),
}
DISCRETE = frozenset({"binary", "spin", "onehot", "token"})


@final
@record
class Domain:
    """The domain of a variable, by name; `size` is the alphabet of a token."""

    name: str
    size: int = 0

    @property
    def low(self) -> float:
        """The least value an entry may have."""
        return BOUNDS[self.name][0]

    @property
    def high(self) -> float:
        """The greatest value an entry may have."""
        return BOUNDS[self.name][1]

    @property
    def discrete(self) -> bool:
        """Whether an entry takes finitely many values."""
        return self.name in DISCRETE

    def states(self, shape: Shape) -> int | None:
        """Count the states of a variable of this shape; None when there is a continuum."""
        match self.name:
            case "binary" | "spin":
                return 2 ** prod(shape)
            case "onehot":
                return shape[-1] ** prod(shape[:-1])
            case "token":
                return self.size ** prod(shape)
            case _:
                return None


REAL = Domain("real")
