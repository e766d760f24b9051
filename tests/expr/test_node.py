"""Nodes are immutable, and equal ones are the same object."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ebmdsl.concepts.domain import Domain
from ebmdsl.expr import build
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.node import Op, Quantity, make, quantities, walk
from tests.expr.expressions import leaf

z, u = leaf("z"), leaf("u")


def test_equal_nodes_are_one_object() -> None:
    assert make(Op.ADD, (z, u), shape=(3,)) is make(Op.ADD, (z, u), shape=(3,))
    assert make(Op.ADD, (z, u), shape=(3,)) is not make(Op.ADD, (u, z), shape=(3,))


def test_nodes_cannot_change() -> None:
    with pytest.raises(FrozenInstanceError):
        z.shape = ()  # pyright: ignore[reportAttributeAccessIssue]


def test_a_walk_meets_every_node_once_and_arguments_first() -> None:
    node = build.add(call(word("sq"), z), call(word("dot"), z, u))
    order = list(walk(node))
    assert len(order) == len(set(order))
    places = {each: place for place, each in enumerate(order)}
    assert all(places[arg] < places[each] for each in order for arg in each.args)
    assert order[-1] is node


def test_a_node_knows_what_it_depends_on() -> None:
    node = call(word("dot"), z, build.matmul(leaf("A"), u))
    assert node.names == {"z", "A", "u"}
    assert node.per_sample
    assert not leaf("A").per_sample
    assert {each.name for each in quantities(node)} == {"z", "A", "u"}


def test_bounds_are_the_tighter_of_domain_and_data() -> None:
    known = Quantity("y", "observed", Domain("nonneg"), bounds=(-1, 1))
    assert (known.low, known.high) == (0, 1)


def test_long_keys_stay_short() -> None:
    node = z
    for _ in range(40):
        node = call(word("tanh"), build.add(node, u))
    assert all(len(each.key) <= 160 for each in walk(node))
