"""Random expressions, each with the same mathematics done naively on one sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import final

import torch
from torch import Tensor

from ebmdsl.concepts.domain import REAL, Domain
from ebmdsl.expr import build
from ebmdsl.expr.calls import call, product, word
from ebmdsl.expr.node import Node, Quantity
from ebmdsl.lower.energy import evaluate

Values = dict[str, Tensor]
Naive = Callable[[Values], Tensor]

N = 3
SHAPES: dict[str, tuple[int, ...]] = {
    "z": (N,),
    "u": (N,),
    "y": (N,),
    "p": (N,),
    "a": (),
    "A": (N, N),
    "W": (N, N),
    "S": (N, N),
}
ROLES = {"z": "latent", "u": "latent", "y": "observed", "p": "latent"}
DOMAINS = {"p": Domain("positive"), "W": Domain("nonneg")}


def leaf(name: str) -> Node:
    """One of the variables: `p` is positive and `W` not negative."""
    quantity = Quantity(name, ROLES.get(name, "param"), DOMAINS.get(name, REAL))
    return build.variable(quantity, SHAPES[name])


def drawn(rng: torch.Generator) -> Values:
    """Values of all variables for one sample, none of them batched."""
    values = {
        name: torch.randn(shape, generator=rng, dtype=torch.float64)
        for name, shape in SHAPES.items()
    }
    for name in DOMAINS:
        values[name] = values[name].abs() + 0.1
    return values


def value(node: Node, values: Values) -> Tensor:
    """The value of a node for one sample."""
    batched = {name: x.unsqueeze(0) if name in ROLES else x for name, x in values.items()}
    found = evaluate(node, batched)
    return found.squeeze(0) if node.per_sample else found


@final
@dataclass(frozen=True, slots=True)
class Pair:
    """The same expression twice: in normal form, and as it was said."""

    node: Node
    naive: Naive


MAPS: dict[str, Callable[[Tensor], Tensor]] = {
    "abs": torch.abs,
    "relu": torch.relu,
    "exp": torch.exp,
    "tanh": torch.tanh,
    "softplus": torch.nn.functional.softplus,
    "sigmoid": torch.sigmoid,
}
TOTALS: dict[str, Callable[[Tensor], Tensor]] = {
    "sum": torch.sum,
    "sq": lambda x: (x * x).sum(),
    "l1": lambda x: x.abs().sum(),
    "l2": lambda x: (x * x).sum().sqrt(),
    "logsumexp": lambda x: torch.logsumexp(x.flatten(), 0),
    "max": torch.max,
}


@final
class Growth:
    """Grows random expressions from a seed; `depth` bounds how deep they nest."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def scalar(self, depth: int) -> Pair:
        """A number per sample."""
        if depth <= 0:
            return self.random.choice([self._leaf("a"), self._number()])
        grow = self.random.choice(
            [
                self._total,
                self._total,
                self._total,
                self._dot,
                self._entry,
                self._joined,
                self._number_map,
            ]
        )
        return grow(depth)

    def vector(self, depth: int) -> Pair:
        """A vector of `N` entries."""
        if depth <= 0:
            return self._leaf(self.random.choice("zzzuyp"))
        grow = self.random.choice(
            [self._vectors, self._vectors, self._map, self._square, self._image, self._scaled]
        )
        return grow(depth)

    def matrix(self, depth: int) -> Pair:
        """A square matrix."""
        if depth <= 0:
            return self._leaf(self.random.choice("AAWS"))
        left, right = self.matrix(depth - 1), self.matrix(depth - 2)
        match self.random.randrange(4):
            case 0:
                return Pair(build.transpose(left.node), lambda v: left.naive(v).mT)
            case 1:
                return _sum(left, right)
            case 2:
                node = build.matmul(left.node, right.node)
                return Pair(node, lambda v: left.naive(v) @ right.naive(v))
            case _:
                return _times(self._number(), left)

    def _leaf(self, name: str) -> Pair:
        return Pair(leaf(name), lambda v: v[name])

    def _number(self) -> Pair:
        number = self.random.choice([-2.0, -0.5, 0.5, 1.0, 3.0])
        return Pair(build.const(number), lambda _: torch.tensor(number, dtype=torch.float64))

    def _total(self, depth: int) -> Pair:
        name, inner = self.random.choice(list(TOTALS)), self.vector(depth - 1)
        return Pair(call(word(name), inner.node), lambda v: TOTALS[name](inner.naive(v)))

    def _dot(self, depth: int) -> Pair:
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        if self.random.random() < 0.3:
            right = left
        node = product(left.node, right.node)
        return Pair(node, lambda v: (left.naive(v) * right.naive(v)).sum())

    def _entry(self, depth: int) -> Pair:
        inner = self.vector(depth - 1)
        left, right = self.scalar(depth - 1), self.scalar(depth - 1)
        picked = call(word("sum"), inner.node)
        whole = build.multiply(build.add(left.node, right.node), picked)
        return Pair(whole, lambda v: (left.naive(v) + right.naive(v)) * inner.naive(v).sum())

    def _joined(self, depth: int) -> Pair:
        left, right = self.scalar(depth - 1), self.scalar(depth - 1)
        return self.random.choice([_sum, _difference, _times])(left, right)

    def _vectors(self, depth: int) -> Pair:
        left, right = self.vector(depth - 1), self.vector(depth - 1)
        return self.random.choice([_sum, _difference, _times])(left, right)

    def _map(self, depth: int) -> Pair:
        name, inner = self.random.choice(list(MAPS)), self.vector(depth - 1)
        return Pair(call(word(name), inner.node), lambda v: MAPS[name](inner.naive(v)))

    def _square(self, depth: int) -> Pair:
        inner, exponent = self.vector(depth - 1), self.random.choice([2, 2, 3])
        return Pair(build.power(inner.node, exponent), lambda v: inner.naive(v) ** exponent)

    def _image(self, depth: int) -> Pair:
        matrix, inner = self.matrix(depth - 2), self.vector(depth - 1)
        if self.random.random() < 0.5:
            node = product(matrix.node, inner.node)
            return Pair(node, lambda v: matrix.naive(v) @ inner.naive(v))
        node = product(inner.node, matrix.node)
        return Pair(node, lambda v: inner.naive(v) @ matrix.naive(v))

    def _number_map(self, depth: int) -> Pair:
        name, inner = self.random.choice(["exp", "tanh", "square"]), self.scalar(depth - 1)
        if name == "square":
            return Pair(build.power(inner.node, 2), lambda v: inner.naive(v) ** 2)
        return Pair(call(word(name), inner.node), lambda v: MAPS[name](inner.naive(v)))

    def _scaled(self, depth: int) -> Pair:
        return _times(self.scalar(depth - 2), self.vector(depth - 1))


def _sum(left: Pair, right: Pair) -> Pair:
    return Pair(build.add(left.node, right.node), lambda v: left.naive(v) + right.naive(v))


def _difference(left: Pair, right: Pair) -> Pair:
    node = build.subtract(left.node, right.node)
    return Pair(node, lambda v: left.naive(v) - right.naive(v))


def _times(left: Pair, right: Pair) -> Pair:
    node = build.multiply(left.node, right.node)
    return Pair(node, lambda v: left.naive(v) * right.naive(v))
