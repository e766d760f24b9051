"""The law of densities: they add up to one, their facts hold, and draws follow them."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.abilities import Density
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Law

FAR = 40.0
POINTS = 400_001
# Options of every law with a density, at which it is judged.
OPTIONS: dict[str, tuple[float, ...]] = {
    "bernoulli": (0.3,),
    "categorical": (3.0,),
    "normal": (0.5, 2.0),
    "uniform": (-1.0, 3.0),
}
DENSITIES = [word for word in words(Law) if issubclass(cast("Any", find(Law, word)), Density)]


def law(word: str) -> Any:
    return cast("Any", find(Law, word))


def options(word: str) -> tuple[Tensor, ...]:
    return tuple(torch.tensor(each, dtype=torch.float64) for each in OPTIONS[word])


def is_discrete(word: str) -> bool:
    return law(word).domain in ("binary", "token")


def support(word: str) -> Tensor:
    if is_discrete(word):
        signs = 2 if law(word).domain == "binary" else 4
        return torch.arange(signs, dtype=torch.float64)
    return torch.linspace(-FAR, FAR, POINTS, dtype=torch.float64)


def test_every_density_is_judged() -> None:
    assert set(DENSITIES) == set(OPTIONS)


@pytest.mark.parametrize("word", DENSITIES)
def test_a_density_adds_up_to_one(word: str) -> None:
    points = support(word)
    density = (-law(word).surprise(points, *options(word))).exp().nan_to_num()
    total = density.sum() if is_discrete(word) else torch.trapezoid(density, points)
    assert float(total) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("word", DENSITIES)
def test_draws_are_as_likely_as_they_say(word: str) -> None:
    made = law(word)(*OPTIONS[word])
    drawn = made.draw((200_000,), torch.Generator().manual_seed(1)).double()
    found = float(law(word).surprise(drawn, *options(word)).mean())
    points = support(word)
    surprise = law(word).surprise(points, *options(word))
    terms = torch.where(surprise < torch.inf, (-surprise).exp() * surprise, 0.0)
    entropy = float(terms.sum() if is_discrete(word) else torch.trapezoid(terms, points))
    assert found == pytest.approx(entropy, abs=0.02)


@pytest.mark.parametrize("word", DENSITIES)
def test_convexity_and_bounds_hold(word: str) -> None:
    rng = torch.Generator().manual_seed(2)
    facts, given = law(word).facts, options(word)
    left, right = (torch.rand(500, generator=rng, dtype=torch.float64) for _ in range(2))
    middle = law(word).surprise((left + right) / 2, *given)
    ends = (law(word).surprise(left, *given) + law(word).surprise(right, *given)) / 2
    if facts[0].convex:
        assert bool((middle <= ends + 1e-12).all())
    assert bool((middle >= facts[0].low).all())


@pytest.mark.parametrize("word", DENSITIES)
def test_there_are_facts_for_the_value_and_every_option(word: str) -> None:
    assert len(law(word).facts) == 1 + len(OPTIONS[word])
