"""A factor graph is a value: it prints the same every time and answers by name."""

from __future__ import annotations

from ebmdsl.concepts.domain import REAL
from ebmdsl.expr.build import const
from ebmdsl.expr.node import Plate
from ebmdsl.graph.factor_graph import Factor, FactorGraph, FactorId, Variable, VarId

Y = Variable(VarId("y"), "observed", REAL, (2,), plates=(Plate("t", 1, 5),))
C = Factor(FactorId("c"), "cost", (Y.id,), const(1.0), "sq(y)")
L = Factor(FactorId("l"), "loss", (Y.id,), const(1.0), "l1(y)")
GRAPH = FactorGraph("toy", (Y,), (), (C, L))


def test_it_answers_by_name() -> None:
    assert GRAPH.variable("y") is Y
    assert GRAPH.variable("z") is None
    assert GRAPH.energy == (C,)


def test_it_prints_what_it_is() -> None:
    lines = GRAPH.pretty().splitlines()
    assert lines[0] == "graph toy"
    assert lines[1].split() == ["observed", "y", ":", "real[2]", "over", "t×5"]
    assert lines[2].split()[:4] == ["cost", "c", "=", "sq(y)"]
    assert len(lines) == 4


def test_equal_graphs_are_equal() -> None:
    assert FactorGraph("toy", (Y,), (), (C, L)) == GRAPH
    assert FactorGraph("toy", (Y,), (), (L, C)) != GRAPH
