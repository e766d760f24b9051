"""Pictures: really drawn, with real letters, the same on every machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from typing import cast
from xml.etree import ElementTree

import pytest
from PIL import Image

from ebmdsl.graph.factor_graph import FactorGraph
from ebmdsl.render import picture as module
from ebmdsl.render.diagram import Diagram, Node
from ebmdsl.render.notation import diagram
from ebmdsl.render.picture import Form, PictureError, picture
from ebmdsl.render.theme import look
from tests.house.tree import ROOT
from tests.render import sketches
from tests.render.sketches import SKETCHES

SVG = "{http://www.w3.org/2000/svg}"
BARE = """
import sys
from ebmdsl.render.picture import picture
from ebmdsl.render.notation import diagram
from tests.render.sketches import psd
sys.stdout.buffer.write(picture(diagram(psd()), "png"))
"""


def lone(label: str) -> Diagram:
    return Diagram("m", "E = 0", (Node("a", "cost", label),), ())


def opened(png: bytes) -> Image.Image:
    return Image.open(BytesIO(png)).convert("RGB")


def colors(image: Image.Image) -> dict[str, int]:
    found = image.getcolors(maxcolors=1 << 24) or []
    return {
        f"#{r:02x}{g:02x}{b:02x}": count
        for count, (r, g, b) in cast("list[tuple[int, tuple[int, int, int]]]", found)
    }


@pytest.mark.parametrize("sketch", SKETCHES)
def test_a_png_shows_its_boxes_and_its_words(sketch: Callable[[], FactorGraph]) -> None:
    drawn = diagram(sketch())
    image = opened(picture(drawn, "png"))
    painted = colors(image)
    assert image.width > 300
    assert painted["#ffffff"] < image.width * image.height
    for node in drawn.nodes:
        assert look(node.kind).fill in painted


def test_letters_are_drawn_and_not_the_boxes_of_missing_ones() -> None:
    drawings = {
        picture(lone(label), "png") for label in ("abc", "acb", "ŷẑλ", "ẑŷλ", "‖₁½", "½₁‖")
    }
    assert len(drawings) == 6
    nothing = Diagram("m", "E = 0", (Node("a", "cost", "   "),), ())
    assert picture(nothing, "png") not in drawings


def test_an_svg_holds_its_words_as_text_in_named_fonts() -> None:
    tree = ElementTree.fromstring(picture(diagram(sketches.psd()), "svg"))
    texts = {text.text: text.attrib["font-family"] for text in tree.iter(f"{SVG}text")}
    assert {"½‖y − ŷ‖²", "λ‖z‖₁", "ŷ = W z", "ẑ = enc(y)", "min", "recon", "psd"} <= set(texts)
    assert texts["ŷ = W z"] == "DejaVu Serif, Georgia, serif"
    assert texts["recon"] == "DejaVu Sans, Verdana, sans-serif"


@pytest.mark.parametrize("label", ["back\\Nslash", "<b>x</b>", "a & b", '"q"'])
def test_what_looks_like_markup_is_shown_as_it_is(label: str) -> None:
    tree = ElementTree.fromstring(picture(lone(label), "svg"))
    assert label in {(text.text or "").rstrip() for text in tree.iter(f"{SVG}text")}


def test_an_svg_tells_more_under_the_pointer() -> None:
    tree = ElementTree.fromstring(picture(diagram(sketches.vae()), "svg"))
    tips = {each.attrib.get("{http://www.w3.org/1999/xlink}title") for each in tree.iter()}
    assert "encoder zq ~ normal(mu(body(y)), exp(lv(body(y)) / 2))" in tips
    assert not [each.text for each in tree.iter(f"{SVG}title") if "mark" in (each.text or "")]


@pytest.mark.parametrize("form", ["svg", "png"])
def test_the_bytes_are_the_same_every_time(form: Form) -> None:
    assert picture(diagram(sketches.hmm()), form) == picture(diagram(sketches.hmm()), form)


def test_a_pdf_is_the_same_at_the_same_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    first = picture(diagram(sketches.kmeans()), "pdf")
    assert first.startswith(b"%PDF")
    assert b"(D:19700101000000Z)" in first
    assert picture(diagram(sketches.kmeans()), "pdf") == first


def test_neither_a_home_nor_the_fonts_of_a_system_are_needed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", BARE],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={"HOME": ""},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert done.stdout == picture(diagram(sketches.psd()), "png")


def test_without_graphviz_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(PictureError, match="pip install pygraphviz"):
        picture(lone("a"), "svg")


def test_what_graphviz_cannot_draw_is_told() -> None:
    with pytest.raises(PictureError, match="Graphviz could not draw"):
        picture(lone("a"), cast("Form", "nonsense"))
