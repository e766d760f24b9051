"""Draws and likelihoods as nodes, with what is proved of them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ebmdsl.concepts.base import find
from ebmdsl.concepts.facts import Curvature, Smoothness
from ebmdsl.concepts.kinds import Law
from ebmdsl.expr.build import ShapeError, const, variable
from ebmdsl.expr.laws import Drawn, Likelihood, draw, fits, unlikely
from ebmdsl.expr.node import Node, Op, Quantity
from ebmdsl.expr.prove import prove


def law(word: str) -> Any:
    return cast("Any", find(Law, word))


y = variable(Quantity("y", "observed"), (4,))
mu = variable(Quantity("mu", "param"), (4,))
LIKELY = Likelihood("normal", law("normal"))


def judged(scale: Node) -> Node:
    return unlikely(LIKELY, y, options=(mu, scale))


def test_a_likelihood_is_one_number_with_the_facts_of_its_law() -> None:
    node = judged(const(2))
    assert (node.op, node.shape, node.names) == (Op.NLL, (), {"y", "mu"})
    facts = prove(node, frozenset({"mu"}))
    assert (facts.degree, facts.curvature) == (2, Curvature.CONVEX)


def test_a_scale_that_may_be_zero_proves_nothing() -> None:
    free = variable(Quantity("s", "param"), ())
    assert prove(judged(free), frozenset({"s"})).smoothness is Smoothness.STEP


def test_draws_are_told_apart_by_their_owners() -> None:
    one, other = (
        draw(Drawn("normal", name, law("normal")), (mu, const(1)), shape=(4,)) for name in "pq"
    )
    assert one is not other
    assert one is draw(Drawn("normal", "p", law("normal")), (mu, const(1)), shape=(4,))


def test_a_draw_lies_where_its_law_draws() -> None:
    bits = draw(Drawn("bernoulli", "m", law("bernoulli")), (mu,), shape=(4,))
    facts = prove(bits, frozenset({"mu"}))
    assert (facts.low, facts.high, facts.smoothness) == (0, 1, Smoothness.STEP)


def test_options_have_one_shape() -> None:
    assert fits((), (mu, const(1))) == (4,)
    with pytest.raises(ShapeError, match=r"\[4\] cannot meet \[3\]"):
        fits((), (mu, variable(Quantity("s", "param"), (3,))))
