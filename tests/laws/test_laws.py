"""The laws of probability laws: their moments, their streams, and what they refuse."""

from __future__ import annotations

from math import sqrt
from typing import Any, cast

import pytest
import torch

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.shape import Misfit
from tests.laws.cases import generator


def find_law(word: str, **options: Any) -> Law:
    """Return a law with these options."""
    made: Law = cast("Any", find(Law, word))(**options)
    return made


# Options, mean, standard deviation.
MOMENTS: dict[str, tuple[dict[str, Any], float, float]] = {
    "bernoulli": ({"p": 0.15}, 0.15, sqrt(0.15 * 0.85)),
    "box": ({"height": 2, "width": 3}, 6 / 90_000, sqrt(6 / 90_000)),
    "categorical": ({"count": 5}, 2.0, sqrt(2)),
    "constant": ({"value": 0.1}, 0.1, 0.0),
    "eye": ({}, 1 / 300, sqrt(1 / 300 * (1 - 1 / 300))),
    "half": ({"side": "left"}, 0.5, 0.5),
    "mix": (
        {"laws": (find_law("half", side="left"), find_law("half", side="right"))},
        0.5,
        0.5,
    ),
    "normal": ({"mean": 0.5, "scale": 2.0}, 0.5, 2.0),
    "ones": ({}, 1.0, 0.0),
    "uniform": ({"low": -1.0, "high": 3.0}, 1.0, 4 / sqrt(12)),
    "zeros": ({}, 0.0, 0.0),
}
REFUSED: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("bernoulli", {"p": 1.5}, (3,)),
    ("box", {"height": 4, "width": 4}, (3, 8)),
    ("box", {"height": 2, "width": 2, "place": "left"}, (3, 8)),
    ("categorical", {"count": 0}, (3,)),
    ("constant", {"value": float("nan")}, (3,)),
    ("eye", {}, (3,)),
    ("eye", {"size": 4}, (3, 3)),
    ("half", {"side": "left"}, (3,)),
    ("mix", {"laws": ()}, (3, 3)),
    ("mix", {"laws": (find_law("box", height=4, width=1),)}, (3, 3)),
    ("normal", {"scale": -1.0}, (3,)),
    ("uniform", {"low": 1.0, "high": 0.0}, (3,)),
]


def law(word: str, options: dict[str, Any]) -> Law:
    """Return the example of a law."""
    return find_law(word, **options)


def test_every_law_has_its_moments() -> None:
    assert set(words(Law)) == set(MOMENTS)


@pytest.mark.parametrize("word", MOMENTS)
def test_draws_have_the_mean_and_the_deviation(word: str) -> None:
    options, mean, deviation = MOMENTS[word]
    drawn = law(word, options).draw((300, 300), generator()).double()
    assert float(drawn.mean()) == pytest.approx(mean, abs=5 * deviation / 300 + 1e-7)
    assert float(drawn.std()) == pytest.approx(deviation, rel=0.02, abs=1e-7)


@pytest.mark.parametrize("word", MOMENTS)
def test_a_seed_gives_one_draw(word: str) -> None:
    each = law(word, MOMENTS[word][0])
    before = torch.random.get_rng_state()
    first, second = (each.draw((4, 4), generator(3)) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("word", MOMENTS)
def test_draws_have_the_shape_and_the_usual_type(word: str) -> None:
    shape = (2, 0, 5)
    drawn = law(word, MOMENTS[word][0]).draw(shape, generator())
    assert drawn.shape == shape
    assert drawn.dtype is torch.get_default_dtype()


@pytest.mark.parametrize("word", MOMENTS)
def test_what_is_asked_for_is_accepted(word: str) -> None:
    assert law(word, MOMENTS[word][0]).misfit((4, 4)) is None


@pytest.mark.parametrize(("word", "options", "shape"), REFUSED, ids=str)
def test_what_cannot_be_drawn_is_refused_with_a_reason(
    word: str, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    refused = law(word, options).misfit(shape)
    assert isinstance(refused, Misfit)
    assert refused.reason


def test_a_half_has_one_of_four_sides() -> None:
    with pytest.raises(ValueError, match="`middle` is no side"):
        find_law("half", side="middle")


def test_one_argument_of_the_normal_law_is_its_scale() -> None:
    forms = law("normal", {}).forms
    assert forms == (("scale",), ("mean", "scale"))


def test_a_stack_of_matrices_starts_at_the_identity() -> None:
    drawn = find_law("eye", size=3).draw((4, 3, 3), generator())
    assert torch.equal(drawn[2], torch.eye(3))
    assert find_law("eye", size=3).misfit((4, 3, 3)) is None


def test_a_box_lies_anywhere_or_at_the_center() -> None:
    drawn = find_law("box", height=2, width=3).draw((4000, 1, 4, 5), generator())
    assert drawn.sum((1, 2, 3)).eq(6).all()
    corners = drawn[:, 0, 0, 0].mean(), drawn[:, 0, 3, 4].mean()
    assert corners == pytest.approx((1 / 9, 1 / 9), abs=0.02)
    center = find_law("box", height=2, width=2, place="center").draw((3, 4, 4), generator())
    assert center[:, 1:3, 1:3].all()
    assert center.sum() == 12


@pytest.mark.parametrize(
    ("side", "rows"),
    [
        ("left", [[1.0, 0.0, 0.0]] * 2),
        ("right", [[0.0, 0.0, 1.0]] * 2),
        ("top", [[1.0] * 3, [0.0] * 3]),
        ("bottom", [[0.0] * 3, [1.0] * 3]),
    ],
)
def test_a_half_is_on_its_side(side: str, rows: list[list[float]]) -> None:
    drawn = find_law("half", side=side).draw((5, 2, 3), generator())
    assert drawn[4].tolist() == rows


def test_a_mix_follows_one_law_in_a_sample() -> None:
    sides = tuple(find_law("half", side=side) for side in ("left", "right"))
    drawn = find_law("mix", laws=sides).draw((2000, 2, 2), generator())
    assert torch.equal(drawn[:, 0], drawn[:, 1])
    assert torch.equal(drawn.sum((1, 2)), torch.full((2000,), 2.0))
    assert float(drawn[:, 0, 0].mean()) == pytest.approx(0.5, abs=0.05)
