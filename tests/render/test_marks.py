"""The words, badges and legend of a picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ebmdsl.graph.factor_graph import FactorGraph
from ebmdsl.render.marks import header, legend, marks
from ebmdsl.render.notation import diagram
from tests.render import sketches
from tests.render.sketches import SKETCHES


@pytest.mark.parametrize("sketch", SKETCHES)
def test_every_word_of_the_diagram_is_shown(sketch: Callable[[], FactorGraph]) -> None:
    drawn = diagram(sketch())
    shown = {(mark.node, mark.text) for mark in marks(drawn)}
    for node in drawn.nodes:
        assert {(node.id, word) for word in (node.badge, node.sublabel) if word} <= shown


def test_letters_in_circles_stay_and_formulas_are_set_anew() -> None:
    replaced = {mark.node for mark in marks(diagram(sketches.psd())) if mark.replaces}
    assert replaced == {"W", "yhat", "enc", "zhat", "recon", "sparse", "agree"}


def test_a_badge_stands_between_the_letter_and_the_words() -> None:
    low = {mark.text: mark.dy for mark in marks(diagram(sketches.kmeans())) if mark.node == "z"}
    assert low["onehot [20]"] < low["min"] < 0


def test_the_title_is_the_model_and_its_energy() -> None:
    assert [line.text for line in header(diagram(sketches.moco()))] == [
        "moco",
        "E(x, y) = similarity",
    ]


@pytest.mark.parametrize(
    ("sketch", "words"),
    [
        (sketches.kmeans, ["observed", "latent", "cost"]),
        (sketches.moco, ["observed", "given", "remembered", "cost"]),
        (
            sketches.conv_psd,
            [
                "observed", "latent", "function", "cost", "regularizer", "loss, not in E",
                "amortized guess",
            ],
        ),
    ],
)  # fmt: skip
def test_the_legend_explains_what_is_there(
    sketch: Callable[[], FactorGraph], words: list[str]
) -> None:
    assert [entry.text for entry in legend(diagram(sketch()))] == words
