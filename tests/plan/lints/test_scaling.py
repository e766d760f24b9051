"""Degrees: what becomes of a term when variables are multiplied by powers of t."""

from __future__ import annotations

import pytest

from ebmdsl.check.model import Model
from ebmdsl.expr.node import Node
from ebmdsl.plan.lints.scaling import Moves, Search, degree
from tests.check.programs import checked

HEAD = """model m
observed y : real[4]
latent z : real[8]
param W : real[4, 8]
param V : real[8, 8]
param a : positive
net dec = linear(6) |> relu |> linear(4)
net bent = sigmoid |> linear(4)
net shut = linear(4) |> tanh
cost e = {term}
infer z by minimize
"""
LOOSE = frozenset({"W", "V", "z", "dec", "shut"})


def _node(term: str) -> Node:
    model: Model = checked(HEAD.format(term=term))
    return next(each.node for each in model.terms if each.name == "e")


@pytest.mark.parametrize(
    ("term", "power"),
    [
        ("sq(z)", 2),
        ("l1(z)", 1),
        ("a * l1(z)", 1),
        ("sum(z^4)", 4),
        ("dot(z, V @ z)", 2),
        ("sq(W @ z)", 2),
        ("sum(relu(z))", 1),
        ("max(z)", 1),
        ("sq(y)", 0),
        ("sum(exp(y))", 0),
        ("sq(y - W @ z)", None),
        ("l1(z) + sq(z)", None),
        ("sum(exp(z))", None),
        ("sq(dec(z))", None),
    ],
)
def test_a_degree_is_that_of_the_definition(term: str, power: float | None) -> None:
    assert degree(_node(term), {("z", "value"): 1.0}) == power


@pytest.mark.parametrize(
    ("term", "wanted", "moves"),
    [
        ("sq(y - W @ z)", 0, {("W", "value"): -1.0}),
        ("sq(y - dec(z))", 0, {("dec(0)", "in"): 1.0, ("dec", "out"): 0.0}),
        ("sq(z - V.T @ V @ z)", 2, {("V", "value"): 0.0}),
        ("l2(dec(y) - W @ z)", 1, {("dec", "out"): 1.0}),
    ],
)
def test_what_is_loose_makes_up_for_what_moves(term: str, wanted: float, moves: Moves) -> None:
    start: Moves = {("z", "value"): 1.0}
    found = list(Search(LOOSE).fits(_node(term), wanted, moves=start))
    assert any(moves.items() <= each.items() for each in found)


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        ("sq(y - bent(z[0..3]))", 0),
        ("sq(shut(y) - W @ z)", 2),
        ("sq(y - z[0..3])", 0),
        ("sum(exp(W @ z)) + l1(z)", 0),
        ("sq(y - W @ z) + sq(y - z[0..3])", 0),
    ],
)
def test_what_cannot_be_undone_has_no_way(term: str, wanted: float) -> None:
    start: Moves = {("z", "value"): 1.0}
    assert list(Search(LOOSE).fits(_node(term), wanted, moves=start)) == []


def test_a_net_that_is_used_twice_moves_once() -> None:
    node = _node("sq(y - dec(z)) + sq(y - dec(2 * z + 1))")
    start: Moves = {("z", "value"): 1.0}
    assert list(Search(LOOSE).fits(node, 0, moves=start)) == []


def test_a_search_gives_up() -> None:
    start: Moves = {("z", "value"): 1.0}
    node = _node("sq(y - W @ z)")
    assert list(Search(LOOSE, left=2).fits(node, 0, moves=start)) == []


def test_only_what_is_upset_is_settled() -> None:
    start: Moves = {("z", "value"): 1.0}
    terms = [(_node("sq(y - W @ z)"), (0.0,)), (_node("sum(exp(V @ V.T))"), (0.0,))]
    found = next(Search(LOOSE).settle(terms, moves=start))
    assert found == {**start, ("W", "value"): -1.0}
    assert list(Search(LOOSE).settle([(_node("l1(z)"), (0.0,))], moves=start)) == []
