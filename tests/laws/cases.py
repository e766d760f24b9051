"""One example of every function: its options, shapes of arguments, and points to try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from math import inf, isinf, prod
from typing import Any, Protocol, cast

import torch
from torch import Tensor

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Function

Shape = tuple[int, ...]
OVER_SPLIT = tuple(w for w in words(Function) if cast("Any", find(Function, w)).over_split)
FUNCTIONS = tuple(word for word in words(Function) if word not in OVER_SPLIT)
SHARE_OF_ZEROS = 0.1


@dataclass(frozen=True)
class Example:
    """Options and shapes that a function accepts; `counts` are arguments that are numbers."""

    shapes: tuple[Shape, ...] = ()
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    counts: tuple[int, ...] = ()


SPECIAL = {
    "anisotropy": Example(shapes=((9, 2),)),
    "clamp": Example(options={"low": -1.0, "high": 1.0}),
    "concat": Example(shapes=((2, 2), (2, 1))),
    "det": Example(shapes=((3, 3),)),
    "flip": Example(shapes=((5,), ()), counts=(1,)),
    "group_l2": Example(shapes=((6,),), options={"size": 3}),
    "hide": Example(shapes=((5,), (5,)), options={"sign": 0.5}),
    "largest": Example(options={"share": 0.4}),
    "logdet": Example(shapes=((2, 2),)),
    "lrelu": Example(options={"slope": 0.2}),
    "nuclear": Example(shapes=((3, 2),)),
    "offdiag_mean": Example(shapes=((3, 3),)),
    "quantile": Example(options={"share": 0.3}),
    "rank": Example(shapes=((3, 2),), options={"above": 6**0.5}),
    "reshape": Example(shapes=((2, 3),), options={"sizes": (6,)}),
    "sift": Example(shapes=((4, 4),)),
    "solve": Example(shapes=((3, 3), (3,))),
    "spectral_norm": Example(shapes=((3, 2),)),
    "trace": Example(shapes=((3, 3),)),
    "where": Example(shapes=((5,), (5,), (5,))),
    "window_sum": Example(shapes=((4, 5),)),
}


def function(word: str) -> Function:
    """Return the example of a function."""
    return with_options(word, **SPECIAL.get(word, Example()).options)


def with_options(word: str, **options: Any) -> Function:
    """Return a function with these options."""
    kind = cast("Any", find(Function, word))
    made: Function = kind(**options)
    return made


def shapes(word: str) -> tuple[Shape, ...]:
    """Return the shapes of the example's arguments."""
    return SPECIAL.get(word, Example()).shapes or ((5,),) * len(function(word).facts)


class Tried(Protocol):
    """What claims facts of itself and can be tried on rows of numbers, [n, size]."""

    @property
    def facts(self) -> Facts:
        """What it claims."""
        ...

    @property
    def whole(self) -> bool:
        """Whether all arguments move, so that less may be claimed than is true."""
        ...

    @property
    def interval(self) -> tuple[float, float]:
        """Where its numbers may lie."""
        ...

    @property
    def size(self) -> int:
        """How many numbers move."""
        ...

    def fixed(self, rng: torch.Generator) -> Callable[[Tensor], Tensor]:
        """Return it as a function of what moves, the rest drawn: [n, size] -> [n, outputs]."""
        ...

    def rows(self, count: int, rng: torch.Generator, *, scale: float = 2.0) -> Tensor:
        """Draw points, [n, size]."""
        ...


@dataclass(frozen=True)
class View:
    """A function as seen by one argument, or by all of them (`index` is None)."""

    word: str
    index: int | None
    facts: Facts
    interval: tuple[float, float] = (-inf, inf)

    @property
    def whole(self) -> bool:
        """Whether all arguments move."""
        return self.index is None

    @property
    def moving(self) -> tuple[int, ...]:
        """The arguments that move."""
        return (self.index,) if self.index is not None else tuple(range(len(shapes(self.word))))

    @property
    def size(self) -> int:
        """How many numbers move."""
        return sum(prod(shapes(self.word)[each]) for each in self.moving)

    def fixed(self, rng: torch.Generator) -> Callable[[Tensor], Tensor]:
        """Return the function of what moves; the other arguments keep one drawn sample."""
        others = tuple(each[:1] for each in arguments(self.word, 1, rng=rng))
        return lambda rows: self._at(rows, others)

    def _at(self, rows: Tensor, others: tuple[Tensor, ...]) -> Tensor:
        sizes = [prod(shapes(self.word)[each]) for each in self.moving]
        columns = iter(rows.split(sizes, 1))
        given = [
            next(columns).reshape(-1, *shape)
            if each in self.moving
            else others[each].expand(len(rows), *shape)
            for each, shape in enumerate(shapes(self.word))
        ]
        return function(self.word).value(*given).unsqueeze(-1).flatten(1)

    def rows(self, count: int, rng: torch.Generator, *, scale: float = 2.0) -> Tensor:
        """Draw points of the moving arguments, [n, d]."""
        drawn = arguments(self.word, count, rng=rng, scale=scale)
        rows = torch.cat([drawn[each].reshape(count, -1) for each in self.moving], 1)
        return some_zeros(rows, rng) if isinf(self.interval[0]) else rows


def some_zeros(rows: Tensor, rng: torch.Generator) -> Tensor:
    """Put zeros in some places, where functions like to break."""
    some = torch.rand(rows.shape, generator=rng) < SHARE_OF_ZEROS
    return torch.where(some, 0.0, rows)


def draw(count: int, shape: Shape, rng: torch.Generator, *, low: float, high: float) -> Tensor:
    """Draw numbers: all reals, a half line or an interval."""
    if isinf(low):
        return torch.randn(count, *shape, generator=rng, dtype=torch.float64)
    share = torch.rand(count, *shape, generator=rng, dtype=torch.float64)
    return low + (min(high, low + 2) - low) * share


def arguments(
    word: str, count: int, *, rng: torch.Generator, scale: float = 1.0
) -> tuple[Tensor, ...]:
    """Draw arguments of the example inside the intervals that the function names."""
    example, within = SPECIAL.get(word, Example()), function(word).within
    drawn: list[Tensor] = []
    for index, shape in enumerate(shapes(word)):
        low, high = within[index] if within else (-inf, inf)
        value = draw(count, shape, rng, low=low, high=high)
        value = value * scale if isinf(high) else value
        if index in example.counts:
            value = torch.randint(0, shapes(word)[0][0], (count, *shape), generator=rng)
        drawn.append(value)
    return tuple(drawn)


@cache
def views() -> tuple[View, ...]:
    """List every function as seen by each argument about which it claims something."""
    return tuple(view for word in FUNCTIONS for view in _views(word))


def _views(word: str) -> Iterator[View]:
    made, example = function(word), SPECIAL.get(word, Example())
    within = made.within or ((-inf, inf),) * len(made.facts)
    for index in set(range(len(made.facts))) - set(example.counts):
        yield View(word, index, made.seen_by(index), within[index])
    if made.joint is not None:
        lows, highs = zip(*within, strict=True)
        yield View(word, None, made.joint, (max(lows), min(highs)))


def generator(seed: int = 0) -> torch.Generator:
    """Return a fresh stream of random numbers."""
    return torch.Generator().manual_seed(seed)
