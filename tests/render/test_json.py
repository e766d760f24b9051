"""The graph as JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from ebmdsl.render.json import graph_json
from ebmdsl.source.text import Source, Span
from tests.goldens import Goldens
from tests.render import sketches


def test_the_json_is_as_recorded(goldens: Goldens) -> None:
    goldens.check("render/hmm.json", graph_json(sketches.hmm()))


def test_the_json_says_its_version_and_what_adds_up() -> None:
    read = json.loads(graph_json(sketches.conv_psd()))
    assert read["format_version"] == "1.2"
    assert read["energy"] == ["recon", "sparse"]
    assert [term["kind"] for term in read["factors"]] == ["cost", "regularizer", "loss"]


def test_places_are_where_the_source_says() -> None:
    source = Source("psd.ebm", "model psd\n  cost recon = sq(y)")
    graph = sketches.kmeans()
    term = replace(graph.factors[0], span=Span(source, 12, 16))
    read = json.loads(graph_json(replace(graph, factors=(term,))))
    assert read["factors"][0]["at"] == {"file": "psd.ebm", "line": 2, "column": 3}
    assert read["variables"][0]["at"] is None
