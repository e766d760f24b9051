"""Colors that can be read, and told apart by readers who see fewer of them."""

from __future__ import annotations

from itertools import combinations
from math import dist
from typing import get_args

import pytest

from ebmdsl.render import theme
from ebmdsl.render.diagram import Kind

KINDS: tuple[Kind, ...] = get_args(Kind)
SEEN = {  # Machado, Oliveira and Fernandes 2009, severity 1
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def linear(color: str) -> tuple[float, ...]:
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)


def luminance(color: str) -> float:
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear(color), strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def seen(color: str, matrix: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    light = linear(color)
    return tuple(sum(m * c for m, c in zip(row, light, strict=True)) for row in matrix)


@pytest.mark.parametrize("kind", KINDS)
def test_text_can_be_read_on_its_fill(kind: Kind) -> None:
    assert contrast(theme.INK, theme.look(kind).fill) > 4.5
    assert contrast(theme.look(kind).line, theme.PAPER) > 3.0


@pytest.mark.parametrize("matrix", SEEN.values(), ids=SEEN.keys())
def test_boxes_are_told_apart_without_all_colors(matrix: tuple[tuple[float, ...], ...]) -> None:
    fills = {theme.look(kind).fill for kind in ("decoder", "cost", "regularizer", "loss")}
    points = [seen(fill, matrix) for fill in sorted(fills)]
    assert min(dist(a, b) for a, b in combinations(points, 2)) > 0.1


def test_words_can_be_read_on_paper() -> None:
    assert contrast(theme.FADED, theme.PAPER) > 4.5
    assert min(contrast(theme.DIMMED, theme.look(kind).fill) for kind in KINDS) > 3.0


def test_every_kind_but_weights_is_explained() -> None:
    silent = {kind for kind in KINDS if not theme.look(kind).legend}
    assert silent == {"param", "net"}
    assert set(theme.legend_order()) == {theme.look(kind).legend for kind in KINDS} - {""}


def test_circles_are_variables() -> None:
    circles = {kind for kind in KINDS if theme.is_circle(kind)}
    assert circles == {"given", "observed", "latent", "random", "negative"}


def test_a_second_ring_stays_inside() -> None:
    assert theme.width("given") < theme.width("observed") == theme.CIRCLE


def test_long_names_are_written_smaller() -> None:
    sizes = [
        theme.letter_size(theme.letters(name)) for name in ("z", "x̂", "fake", "reconstruct")
    ]
    assert sizes[0] == sizes[1] > sizes[2] > sizes[3]
