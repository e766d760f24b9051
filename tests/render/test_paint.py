"""What is put on top of the layout finds room there."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations, product

import pytest
from hypothesis import given, settings

from ebmdsl.graph.factor_graph import FactorGraph
from ebmdsl.render.dot import dot
from ebmdsl.render.notation import diagram
from ebmdsl.render.paint import paint
from ebmdsl.render.picture import request
from tests.render import sketches
from tests.render.sketches import SKETCHES
from tests.render.strategies import graphs
from tests.render.test_dot import Box, boxes, laid_out

WORDS = ("mark ", "header ", "swatch ", "words ")


def painted(sketch: Callable[[], FactorGraph]) -> dict[str, Box]:
    return boxes(json.loads(paint(request(diagram(sketch()), "json0"))))


def covered(graph: FactorGraph) -> list[tuple[str, str]]:
    """Pair words with the nodes that they cover, other than their own."""
    asked = request(diagram(graph), "json0")
    placed = boxes(json.loads(paint(asked)))
    owners = {f"mark {number}": mark["node"] for number, mark in enumerate(asked["marks"])}
    words = [name for name in placed if name.startswith(WORDS)]
    nodes = [name for name in placed if not name.startswith(WORDS)]
    return [
        (word, node)
        for word, node in product(words, nodes)
        if owners.get(word) != node and placed[word].meets(placed[node])
    ]


@pytest.mark.parametrize("sketch", SKETCHES)
def test_words_cover_nothing_but_their_own_node(sketch: Callable[[], FactorGraph]) -> None:
    assert covered(sketch()) == []


@given(graphs())
@settings(max_examples=30, deadline=None, derandomize=True)
def test_any_graph_finds_room(graph: FactorGraph) -> None:
    placed = boxes(laid_out(dot(diagram(graph))))
    assert len(placed) == len(graph.variables) + len(graph.blocks) + len(graph.factors)
    assert not [1 for one, two in combinations(placed.values(), 2) if one.meets(two)]
    assert covered(graph) == []


@pytest.mark.parametrize("sketch", SKETCHES)
def test_formulas_fit_into_their_boxes(sketch: Callable[[], FactorGraph]) -> None:
    drawn = diagram(sketch())
    placed = painted(sketch)
    for number, mark in enumerate(request(drawn, "json0")["marks"]):
        if mark["replaces"] and drawn.node(mark["node"]).kind not in ("param", "net"):
            assert placed[f"mark {number}"].width <= placed[mark["node"]].width + 1


def test_the_title_is_above_and_the_legend_below() -> None:
    placed = painted(sketches.psd)
    heights = [
        box.y for name, box in placed.items() if not name.startswith(("header", "swatch"))
    ]
    assert min(placed["header 0"].y, placed["header 1"].y) > max(heights)
    assert placed["swatch 0"].y == min(heights)


def test_a_wide_legend_takes_two_lines() -> None:
    asked = request(diagram(sketches.kmeans()), "json0")
    asked["legend"] = asked["legend"] * 4
    placed = boxes(json.loads(paint(asked)))
    rows = {placed[f"swatch {number}"].y for number in range(12)}
    assert len(rows) > 1
