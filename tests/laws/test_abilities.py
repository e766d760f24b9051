"""The laws of abilities: proximal points, dual gauges and homogeneity are what they say."""

from __future__ import annotations

import inspect
from math import prod
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts import abilities
from ebmdsl.concepts.abilities import Conjugate, Homogeneous, Proximable
from tests.laws.cases import FUNCTIONS, function, generator, shapes

ROUNDING = 1e-9


def able(ability: type[Any]) -> pytest.MarkDecorator:
    """Run a law for every function that has an ability."""
    words = [word for word in FUNCTIONS if isinstance(function(word), ability)]
    assert words
    return pytest.mark.parametrize("word", words)


def points(word: str, count: int, rng: torch.Generator, *, scale: float = 1.0) -> Tensor:
    """Draw points in the shape of the argument, [n, *event]."""
    return scale * torch.randn(count, *shapes(word)[0], generator=rng, dtype=torch.float64)


def value(word: str, rows: Tensor) -> Tensor:
    """Evaluate the function and add up its values, [n, *event] -> [n]."""
    return function(word).value(rows).reshape(len(rows), -1).sum(-1)


def pairing(u: Tensor, v: Tensor) -> Tensor:
    """Return the inner products of two batches, [n]."""
    return (u * v).flatten(1).sum(1)


def worth(word: str, u: Tensor, x: Tensor, *, step: float) -> Tensor:
    """Return what the proximal point minimizes, [n]."""
    return value(word, u) + pairing(u - x, u - x) / (2 * step)


def test_every_ability_has_a_law() -> None:
    declared = {
        name
        for name, each in vars(abilities).items()
        if inspect.isclass(each) and inspect.isabstract(each)
    }
    assert declared == {"Proximable", "Projectable", "Conjugate", "Homogeneous", "Density"}


@able(Proximable)
@pytest.mark.parametrize("step", [0.01, 0.5, 3.0])
def test_no_point_is_better_than_the_proximal_point(word: str, step: float) -> None:
    rng, prox = generator(), cast(Proximable, function(word)).prox
    for x in points(word, 8, rng, scale=2.0)[:, None]:
        best = prox(x, torch.tensor(step, dtype=x.dtype))
        rivals = [best + points(word, 200, rng, scale=away) for away in (1e-3, 0.1, 1.0)]
        rivals += [share * x for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
        least = min(float(worth(word, each, x, step=step).min()) for each in rivals)
        assert least >= float(worth(word, best, x, step=step)) - ROUNDING


@able(Proximable)
def test_every_sample_may_have_its_own_step(word: str) -> None:
    rng, prox = generator(), cast(Proximable, function(word)).prox
    x, steps = points(word, 5, rng), torch.rand(5, 1, generator=rng, dtype=torch.float64)
    matrix = len(shapes(word)[0]) > 1
    rows = x if matrix else x.reshape(5, prod(shapes(word)[0]))
    together = prox(rows, steps)
    alone = [prox(rows[i : i + 1], steps[i, 0]) for i in range(5)]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-13, atol=1e-14)


@able(Proximable)
def test_what_depends_on_magnitudes_rises_with_them(word: str) -> None:
    rng, flag = generator(), cast(Proximable, function(word)).magnitudes
    x = points(word, 200, rng)
    shrunk = torch.rand(x.shape, generator=rng, dtype=x.dtype) * x.abs()
    kept = bool((value(word, shrunk) <= value(word, x) + ROUNDING).all())
    even = torch.allclose(value(word, x.abs()), value(word, x))
    assert flag == (kept and even)


@able(Conjugate)
@pytest.mark.parametrize("nonneg", [False, True])
def test_the_pairing_with_a_unit_of_the_dual_gauge_is_below_the_function(
    word: str, nonneg: bool
) -> None:
    rng, polar = generator(), cast(Conjugate, function(word)).polar
    v, u = points(word, 2000, rng), points(word, 2000, rng)
    u = u.abs() if nonneg else u
    gauge = polar(v, nonneg=nonneg).reshape(-1, *([1] * (v.dim() - 1)))
    inside = torch.where(gauge > 0, v / gauge, v)
    assert (pairing(u, inside) <= value(word, u) + ROUNDING).all()


@able(Conjugate)
def test_the_dual_gauge_is_no_larger_than_it_must_be(word: str) -> None:
    rng, concept = generator(), function(word)
    v = points(word, 20, rng)
    gauge = cast(Conjugate, concept).polar(v, nonneg=False)
    unit = v / gauge.reshape(-1, *([1] * (v.dim() - 1)))
    touching = cast(Proximable, concept).prox(1e3 * unit, torch.tensor(999.99, dtype=v.dtype))
    ratio = pairing(touching, unit) / value(word, touching)
    torch.testing.assert_close(ratio, torch.ones_like(ratio), rtol=1e-5, atol=0)


@able(Homogeneous)
@pytest.mark.parametrize("factor", [-3.0, -0.5, 1e-3, 2.0])
def test_a_factor_leaves_with_its_power(word: str, factor: float) -> None:
    concept = function(word)
    x = points(word, 50, generator())
    power = cast(Homogeneous, concept).order
    torch.testing.assert_close(
        concept.value(factor * x), abs(factor) ** power * concept.value(x)
    )
