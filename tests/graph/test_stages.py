"""Stages: what they declare, what they declare anew, and what depends on it."""

from __future__ import annotations

from ebmdsl.graph.factor_graph import plain
from tests.graph.test_build import graph_of

GROWING = """model growing
param W : real[3, 3]
net f = linear(2)
stage small {
    observed y : real[3]
    let q = W @ y
    cost c = sq(q) + sq(f(y))
    train by energy with sgd(0.1)
}
stage large {
    observed y : real[3]
    let q = W @ y + y
    cost c = sq(q) + sq(f(y))
    train by energy with sgd(0.1)
}
"""


def test_what_a_stage_declares_anew_stands_beside_the_first() -> None:
    graph = graph_of(GROWING)
    assert [each.id for each in graph.blocks if each.role == "let"] == ["q", "q@large"]
    assert [plain(each.id) for each in graph.factors] == ["c", "c"]
    assert [graph.stage(each.id) for each in graph.factors] == ["small", "large"]


def test_what_depends_on_it_is_drawn_again_with_its_inputs() -> None:
    terms = {str(each.id): set(each.inputs) for each in graph_of(GROWING).factors}
    assert {"q", "y"} <= terms["c"]
    assert {"q@large", "y"} <= terms["c@large"]


def test_what_reads_the_same_is_drawn_once() -> None:
    assert [each.id for each in graph_of(GROWING).variables] == ["W", "y"]


def test_every_stage_keeps_its_own_graph_and_goals() -> None:
    graph = graph_of(GROWING)
    assert [(name, [t.id for t in part.energy]) for name, part in graph.parts] == [
        ("small", ["c"]),
        ("large", ["c"]),
    ]
    assert [each.id for each in graph.goals] == ["train 1@small", "train 1@large"]
