"""A diagram knows what stands in which plate."""

from __future__ import annotations

import pytest

from ebmdsl.render.diagram import Diagram, Node, Plate


@pytest.fixture
def nested() -> Diagram:
    nodes = (
        Node("W", "param", "W"),
        Node("x", "observed", "x", plates=("t",)),
        Node("n", "negative", "n", plates=("t", "j")),
        Node("m", "random", "m", plates=("i",)),
    )
    plates = (Plate("t", "t = 1 … 3"), Plate("j", "j = 1 … 5"), Plate("i", "i = 1 … 2"))
    return Diagram("nested", "E = 0", nodes, (), plates)


def test_nodes_stand_in_their_innermost_plate(nested: Diagram) -> None:
    inside = [[node.id for node in nested.directly_in(path)] for path in ((), ("t",), ("j",))]
    assert inside == [["W"], ["x"], []]


def test_plates_nest_as_their_nodes_do(nested: Diagram) -> None:
    assert [(path, plate.id) for path, plate in nested.inside(())] == [
        (("t",), "t"),
        (("i",), "i"),
    ]
    assert [path for path, _ in nested.inside(("t",))] == [("t", "j")]
    assert nested.inside(("t", "j")) == ()


def test_a_node_is_found_by_name(nested: Diagram) -> None:
    assert nested.node("n").kind == "negative"
