"""Laws in expressions: a draw from one, and how unlikely a value is under one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.domain import BOUNDS
from ebmdsl.concepts.shape import joined
from ebmdsl.expr.build import fitted, joined_plates
from ebmdsl.expr.node import Node, Op, make

if TYPE_CHECKING:
    from ebmdsl.concepts.abilities import Density
    from ebmdsl.concepts.facts import Facts
    from ebmdsl.concepts.shape import Shape


@final
@dataclass(frozen=True, slots=True)
class Likelihood:
    """How unlikely a value is under a law; it has facts as a function of the catalogue has."""

    word: str
    law: type[Density] = field(repr=False)
    joint: Facts | None = field(default=None, repr=False)
    bilinear: bool = field(default=False, repr=False)

    @property
    def facts(self) -> tuple[Facts, ...]:
        """Return the facts for the value and for every option."""
        return self.law.facts

    @property
    def within(self) -> tuple[tuple[float, float], ...]:
        """Return where the facts hold."""
        return self.law.within

    def seen_by(self, index: int) -> Facts:
        """Return the facts for one argument."""
        return self.law.facts[index]

    def on(self, index: int, span: tuple[float, float], *, count: int) -> Facts:
        """Return the facts for one argument; its bounds make them no tighter."""
        del span, count
        return self.law.facts[index]


@final
@dataclass(frozen=True, slots=True)
class Drawn:
    """A draw from a law; two draws are two values, unless one name `owns` them."""

    word: str
    owner: str
    law: type[Density] = field(repr=False)

    @property
    def support(self) -> tuple[float, float]:
        """Return the least and the greatest value of an entry."""
        return BOUNDS[self.law.domain]


def draw(data: Drawn, options: tuple[Node, ...], *, shape: Shape) -> Node:
    """Return a draw of this shape from a law with these options."""
    return make(Op.DRAW, options, data=data, shape=shape, plates=joined_plates(options))


def unlikely(data: Likelihood, value: Node, *, options: tuple[Node, ...]) -> Node:
    """Return minus the log density of a value: the sum over its entries."""
    args = (value, *options)
    return make(Op.NLL, args, data=data, plates=joined_plates(args))


def fits(shape: Shape, options: tuple[Node, ...]) -> Shape:
    """Return the shape that options give to a draw, or raise the reason why they do not."""
    for option in options:
        shape = fitted(joined(shape, option.shape))
    return shape
