"""DOT text, and the layout that Graphviz makes of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from typing import Any, final

import pytest

from ebmdsl.graph.factor_graph import FactorGraph
from ebmdsl.render.diagram import Diagram, Node
from ebmdsl.render.dot import dot
from ebmdsl.render.notation import diagram
from tests.goldens import Goldens
from tests.render import sketches
from tests.render.sketches import SKETCHES

RECORDED = (
    sketches.sparse_coding, sketches.kmeans, sketches.psd, sketches.rbm, sketches.hmm,
)  # fmt: skip


@final
@dataclass(frozen=True, slots=True)
class Box:
    """Where a node was put, in points."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        across = abs(self.x - other.x) < (self.width + other.width) / 2
        return across and abs(self.y - other.y) < (self.height + other.height) / 2


def laid_out(text: str) -> dict[str, Any]:
    from pygraphviz import AGraph

    graph: Any = AGraph(string=text)
    return json.loads(graph.draw(format="json0", prog="dot"))


def boxes(layout: dict[str, Any]) -> dict[str, Box]:
    return {
        each["name"]: Box(
            *map(float, each["pos"].split(",")),
            width=72 * float(each["width"]),
            height=72 * float(each["height"]),
        )
        for each in layout["objects"]
        if "pos" in each
    }


@pytest.mark.parametrize("sketch", RECORDED)
def test_the_text_is_as_recorded(sketch: Callable[[], FactorGraph], goldens: Goldens) -> None:
    goldens.check(f"render/{sketch.__name__}.dot", dot(diagram(sketch())))


@pytest.mark.parametrize("sketch", SKETCHES)
def test_no_two_nodes_overlap(sketch: Callable[[], FactorGraph]) -> None:
    placed = boxes(laid_out(dot(diagram(sketch()))))
    assert [
        pair for pair in combinations(placed, 2) if placed[pair[0]].meets(placed[pair[1]])
    ] == []


@pytest.mark.parametrize("sketch", SKETCHES)
def test_the_layout_holds_the_whole_graph(sketch: Callable[[], FactorGraph]) -> None:
    graph = sketch()
    layout = laid_out(dot(diagram(graph)))
    names = {each["_gvid"]: each["name"] for each in layout["objects"]}
    drawn = Counter(each["name"] for each in layout["objects"] if "pos" in each)
    assert drawn == Counter(e.id for e in (*graph.variables, *graph.blocks, *graph.factors))
    joined = {frozenset((names[e["tail"]], names[e["head"]])) for e in layout.get("edges", ())}
    used = {
        frozenset((name, user.id))
        for user in (*graph.blocks, *graph.factors)
        for name in user.inputs
    }
    assert used <= joined


@pytest.mark.parametrize("sketch", SKETCHES)
def test_arrows_point_at_what_uses_them(sketch: Callable[[], FactorGraph]) -> None:
    graph = sketch()
    layout = laid_out(dot(diagram(graph)))
    names = {each["_gvid"]: each["name"] for each in layout["objects"]}
    users = {user.id: set(user.inputs) for user in (*graph.blocks, *graph.factors)}
    latents = {each.id for each in graph.variables if each.role == "latent"}
    for edge in layout.get("edges", ()):
        ends = [names[edge["tail"]], names[edge["head"]]]
        source, target = reversed(ends) if edge.get("dir") == "back" else ends
        if edge.get("dir") != "none" and target not in latents:
            assert source in users[target]


@pytest.mark.parametrize("sketch", [sketches.sparse_coding, sketches.psd, sketches.kmeans])
def test_the_observed_is_left_of_the_latent(sketch: Callable[[], FactorGraph]) -> None:
    placed = boxes(laid_out(dot(diagram(sketch()))))
    between = [factor.id for factor in sketch().factors if "y" in factor.inputs]
    assert between
    assert all(placed["y"].x < placed[term].x < placed["z"].x for term in between)


def test_a_plate_frames_its_nodes_and_no_others() -> None:
    layout = laid_out(dot(diagram(sketches.hmm())))
    plate = next(each for each in layout["objects"] if each["name"].startswith("cluster_t"))
    left, bottom, right, top = map(float, plate["bb"].split(","))
    inside = {
        name
        for name, box in boxes(layout).items()
        if left < box.x < right and bottom < box.y < top
    }
    assert inside == {"y", "s", "trans", "emit"}
    assert plate["label"] == "t = 1 … 64"


def test_nothing_depends_on_the_run() -> None:
    assert dot(diagram(sketches.psd())) == dot(diagram(sketches.psd()))


@pytest.mark.parametrize(
    "label", ['a "b"', "a\\nb", "<b>x</b>", "back\\", "{x|y}", "λ‖z‖₁", "%"]
)
def test_labels_are_taken_literally(label: str) -> None:
    drawn = Diagram(
        "signs", "E = a", (Node("a", "cost", label), Node("z", "latent", label)), ()
    )
    for placed in laid_out(dot(drawn))["objects"]:
        assert placed["label"].rstrip(" ").replace("\\\\", "\\") == label


def test_names_may_be_words_of_graphviz() -> None:
    names = ("node", "graph", "edge", "strict", "digraph", "subgraph", "λ", "N")
    terms = tuple(Node(name, "cost", name) for name in names)
    assert set(boxes(laid_out(dot(Diagram("m", "E = 0", terms, ()))))) == set(names)
