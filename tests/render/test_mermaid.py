"""Mermaid text."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ebmdsl.graph.factor_graph import FactorGraph
from ebmdsl.render.diagram import Diagram, Edge, Node
from ebmdsl.render.mermaid import mermaid
from ebmdsl.render.notation import diagram
from tests.goldens import Goldens
from tests.render import sketches
from tests.render.sketches import SKETCHES


@pytest.mark.parametrize("sketch", [sketches.psd, sketches.hmm, sketches.moco])
def test_the_text_is_as_recorded(sketch: Callable[[], FactorGraph], goldens: Goldens) -> None:
    goldens.check(f"render/{sketch.__name__}.mmd", mermaid(diagram(sketch())))


@pytest.mark.parametrize("sketch", SKETCHES)
def test_every_arrow_joins_declared_nodes(sketch: Callable[[], FactorGraph]) -> None:
    drawn = diagram(sketch())
    text = mermaid(drawn)
    declared = set(re.findall(r"^ +(n\d+)[\[(]", text, re.MULTILINE))
    arrows = re.findall(r"^ +(n\d+) \S+(?:\|\"[^|]*\"\|)? (n\d+)$", text, re.MULTILINE)
    assert len(declared) == len(drawn.nodes)
    assert len(arrows) == len(drawn.edges)
    assert {name for arrow in arrows for name in arrow} <= declared
    assert text.count("subgraph") == text.count("  end\n")


def test_signs_of_the_notation_are_not_taken_for_markup() -> None:
    nodes = (Node("a", "cost", 'a < "b" & c > d'), Node("b", "latent", "b"))
    text = mermaid(Diagram("signs", "E = a", nodes, (Edge("b", "a", label="<t>"),)))
    assert '["a &lt; #quot;b#quot; &amp; c &gt; d"]' in text
    assert '|"&lt;t&gt;"|' in text
