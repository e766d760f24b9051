"""The laws of constraints: a projection lands in the set, stays, and is the nearest point."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor

from ebmdsl.check.check import check
from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.shape import Misfit
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse
from tests.laws.cases import generator

WORDS = words(Constraint)
CHECKS = (torch.arange(81) % 2 == 0).float().reshape(9, 9)
OPTIONS: dict[str, dict[str, Any]] = {
    "clip": {"low": -0.5, "high": 0.7},
    "mask": {"allowed": CHECKS},
    "sparse": {"count": 3},
}
SHAPES = ((6,), (1, 1), (9, 9), (12, 7), (7, 12), (4, 3, 5, 5))
REFUSED: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("cholesky", {}, (3, 2)),
    ("cholesky", {"floor": 0.0}, (3, 3)),
    ("clip", {"low": 1.0, "high": 0.0}, (3,)),
    ("mask", {"allowed": CHECKS}, (9, 8)),
    ("orthonormal", {}, (3,)),
    ("simplex", {}, ()),
    ("sparse", {"count": 0}, (3,)),
    ("sparse", {"count": 3}, (3,)),
    ("sphere", {}, ()),
    ("symmetric", {}, (2, 3)),
    ("unit_columns", {}, ()),
    ("unit_kernels", {}, (3, 4)),
    ("zero_diag", {}, (2, 3)),
]


def constraint(word: str, options: dict[str, Any] | None = None) -> Constraint:
    """Return a constraint with its example options."""
    kind = cast("Any", find(Constraint, word))
    made: Constraint = kind(**(OPTIONS.get(word, {}) if options is None else options))
    return made


def cases() -> list[tuple[str, tuple[int, ...]]]:
    """List every constraint with every shape that it takes."""
    return [
        (word, shape)
        for word in WORDS
        for shape in SHAPES
        if constraint(word).misfit(shape) is None
    ]


CASES = pytest.mark.parametrize(("word", "shape"), cases(), ids=str)
DTYPES = pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)


def values(shape: tuple[int, ...], dtype: torch.dtype) -> list[Tensor]:
    """Draw values near zero, ordinary and large, and a value of zeros."""
    rng = generator()
    drawn = [s * torch.randn(shape, generator=rng, dtype=dtype) for s in (1e-4, 1.0, 1e4)]
    return [*drawn, torch.zeros(shape, dtype=dtype)]


def test_every_constraint_takes_some_shape() -> None:
    assert {word for word, _ in cases()} == set(WORDS)


@CASES
@DTYPES
def test_a_projected_value_obeys(word: str, shape: tuple[int, ...], dtype: torch.dtype) -> None:
    each = constraint(word)
    for w in values(shape, dtype):
        projected = each.project(w)
        assert projected.shape == shape
        assert projected.dtype is dtype
        assert each.holds(projected)


@CASES
@DTYPES
def test_projecting_twice_is_projecting_once(
    word: str, shape: tuple[int, ...], dtype: torch.dtype
) -> None:
    for w in values(shape, dtype):
        once = constraint(word).project(w)
        twice = constraint(word).project(once)
        torch.testing.assert_close(twice, once, rtol=0, atol=16 * torch.finfo(dtype).eps)


@CASES
def test_no_allowed_value_nearby_is_nearer(word: str, shape: tuple[int, ...]) -> None:
    each, rng = constraint(word), generator(1)
    w = torch.randn(shape, generator=rng, dtype=torch.float64)
    nearest = each.project(w)
    distance = (w - nearest).square().sum()
    for away in (1e-4, 1e-2, 1.0):
        for _ in range(20):
            step = away * torch.randn(shape, generator=rng, dtype=torch.float64)
            rival = each.project(nearest + step)
            assert (w - rival).square().sum() >= distance - 1e-9


@CASES
def test_a_value_that_breaks_the_constraint_is_found_out(
    word: str, shape: tuple[int, ...]
) -> None:
    each = constraint(word)
    w = -2.0 - torch.rand(shape, generator=generator(), dtype=torch.float64)
    if shape == (1, 1) and word == "symmetric":
        assert each.holds(w)
    else:
        assert not each.holds(w)
        assert not each.holds(torch.full(shape, torch.nan))


@CASES
def test_nan_stays_visible(word: str, shape: tuple[int, ...]) -> None:
    projected = constraint(word).project(torch.full(shape, torch.nan))
    off = projected if word != "zero_diag" else projected.fill_diagonal_(torch.nan)
    assert off.isnan().any()


@pytest.mark.parametrize(("word", "options", "shape"), REFUSED, ids=str)
def test_what_cannot_obey_is_refused_with_a_reason(
    word: str, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    refused = constraint(word, options).misfit(shape)
    assert isinstance(refused, Misfit)
    assert refused.reason


@pytest.mark.parametrize("word", WORDS)
def test_what_bounds_the_gain_bounds_it(word: str) -> None:
    shape = (4, 3, 5, 5) if word == "unit_kernels" else (9, 9)
    large = constraint(word).project(1e6 * torch.randn(shape, generator=generator()))
    assert (float(large.abs().max()) <= 1 + 1e-6) == constraint(word).bounds_gain


def test_small_steps_and_large_ones_find_the_same_polar_factor() -> None:
    each = constraint("orthonormal")
    frame = each.project(torch.randn(12, 7, generator=generator(), dtype=torch.float64))
    near = frame + 1e-2 * torch.randn(12, 7, generator=generator(1), dtype=torch.float64)
    u, _, v = torch.linalg.svd(near, full_matrices=False)
    torch.testing.assert_close(each.project(near), u @ v, rtol=0, atol=1e-13)


@CASES
@DTYPES
def test_what_obeys_lies_within_the_bounds(
    word: str, shape: tuple[int, ...], dtype: torch.dtype
) -> None:
    each = constraint(word)
    low, high = each.bounds
    for value in values(shape, dtype):
        projected = each.project(value)
        slack = 1e-5 if dtype is torch.float32 else 1e-12
        assert bool((projected >= low - slack).all())
        assert bool((projected <= high + slack).all())


WRONG = {
    "unit_kernels": "param W : real[4, 4] with unit_kernels\ncost e = sq(y - W @ y)",
    "eye(3)": "param W : real[4, 4] init eye(3)\ncost e = sq(y - W @ y)",
    "bernoulli(2)": "random m : binary[4] ~ bernoulli(2)\ncost e = sq(m * y)",
    "orthonormal": "net f = conv(1, 2) with orthonormal\ncost e = sq(f(reshape(y, 1, 2, 2)))",
}


@pytest.mark.parametrize("word", WRONG)
def test_a_program_is_refused_at_the_word_that_cannot_hold(word: str) -> None:
    text = f"model wrong\nobserved y : real[4]\n{WRONG[word]}\n"
    file, _ = parse(Source("wrong.ebm", text))
    assert file is not None
    found = Diagnostics()
    check(file, found)
    blamed = ("wrong-arguments", "2") if "(2)" in word else ("shape-mismatch", word)
    assert [(each.id, each.span.text) for each in found.errors] == [blamed]


NEAREST = pytest.mark.parametrize(
    ("word", "shape"),
    [c for c in cases() if isinstance(constraint(c[0]), Projectable)],
    ids=str,
)


def projectable(word: str) -> Projectable:
    return cast("Projectable", constraint(word))


def drawn(shape: tuple[int, ...], seed: int = 0) -> Tensor:
    return torch.randn(40, *shape, generator=generator(seed), dtype=torch.float64)


@NEAREST
def test_many_values_are_projected_as_each_is_alone(word: str, shape: tuple[int, ...]) -> None:
    w = drawn(shape)
    w[3], w[5] = 0, torch.nan
    near = projectable(word).nearest(w)
    whole = [i for i in range(len(w)) if i != 5]
    alone = torch.stack([constraint(word).project(w[i]) for i in whole])
    torch.testing.assert_close(near[whole], alone, rtol=0, atol=1e-14)
    assert word in ("zero_diag", "mask") or near[5].isnan().any()


@NEAREST
def test_half_way_between_values_of_a_convex_set_is_one(
    word: str, shape: tuple[int, ...]
) -> None:
    near = projectable(word).nearest(drawn(shape))
    half = (near[1:] + near[:-1]) / 2
    moved = (projectable(word).nearest(half) - half).abs().amax()
    single = shape == (1, 1) and word in ("simplex", "symmetric")
    assert projectable(word).convex == bool(moved < 1e-9) or single


@NEAREST
def test_an_entrywise_set_is_an_interval_for_every_entry(
    word: str, shape: tuple[int, ...]
) -> None:
    each, w = projectable(word), drawn(shape)
    if not each.entrywise:
        return
    ends = [float(each.nearest(w.new_full((1, 1), end))) for end in (-torch.inf, torch.inf)]
    assert torch.equal(each.nearest(w), w.clamp(*ends))


@NEAREST
def test_the_nearest_point_of_the_orthant_is_that_of_the_positive_part(
    word: str, shape: tuple[int, ...]
) -> None:
    each, w = projectable(word), drawn(shape)
    if not each.orthant:
        return
    near = each.nearest(w.relu())
    assert (near >= 0).all()
    for seed in range(20):
        rival = each.nearest((near + 0.3 * drawn(shape, seed + 1)).relu())
        assert _distance(w, rival).ge(_distance(w, near) - 1e-9).all()


@NEAREST
def test_projecting_follows_the_prox_of_an_even_function(
    word: str, shape: tuple[int, ...]
) -> None:
    each, w = projectable(word), drawn(shape)
    if not each.follows:
        return
    near = each.nearest(w.sign() * (w.abs() - 0.4).relu())
    worth = _distance(w, near) / 2 + 0.4 * near.abs().flatten(1).sum(-1)
    for seed in range(20):
        rival = each.nearest(near + 0.3 * drawn(shape, seed + 1))
        cost = _distance(w, rival) / 2 + 0.4 * rival.abs().flatten(1).sum(-1)
        assert cost.ge(worth - 1e-9).all()


def _distance(u: Tensor, v: Tensor) -> Tensor:
    return (u - v).square().flatten(1).sum(-1)
