"""One entry for all forms."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.render.draw import FORMS, Form, draw
from ebmdsl.source.text import Source
from tests.house.tree import ROOT
from tests.render import sketches

STARTS: dict[Form, str | bytes] = {
    "dot": "digraph kmeans {",
    "json": "{",
    "mmd": "---\ntitle",
    "txt": "graph kmeans",
    "svg": b"<?xml",
    "png": b"\x89PNG",
    "pdf": b"%PDF",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_graph_is_drawn_in_every_form(form: Form) -> None:
    drawn, start = draw(sketches.kmeans(), form), STARTS[form]
    assert type(drawn) is type(start)
    assert drawn[: len(start)] == start


def test_drawing_needs_no_torch_and_no_matplotlib() -> None:
    code = (
        "import sys\nfrom ebmdsl.render.draw import draw\n"
        "from tests.render.sketches import kmeans\ndraw(kmeans(), 'png')\n"
        "print(*sorted({'torch', 'matplotlib', 'networkx', 'pygraphviz'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.parametrize(
    "model", sorted((ROOT / "models").glob("*.ebm")), ids=lambda path: path.stem
)
def test_every_model_is_drawn(model: Path) -> None:
    graph = Compilation(Source(model.name, model.read_text("utf-8"))).graph
    assert graph is not None
    drawn = draw(graph, "svg")
    assert isinstance(drawn, bytes)
    for each in (*graph.variables, *graph.blocks, *graph.factors):
        assert f"<title>{each.id}</title>".encode() in drawn
