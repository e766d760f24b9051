"""The laws of functions: what a function declares of itself is what it is found to be."""

from __future__ import annotations

from dataclasses import fields, replace
from math import inf, nan
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck
from torch.fx.experimental.proxy_tensor import make_fx

from ebmdsl.concepts.facts import Block, Curvature, Facts, Lag, Monotone, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from tests.laws import measure
from tests.laws.cases import (
    FUNCTIONS,
    SPECIAL,
    Example,
    View,
    arguments,
    function,
    generator,
    shapes,
    views,
    with_options,
)
from tests.laws.facts import LAWS

VIEWS = pytest.mark.parametrize(
    "view",
    views(),
    ids=lambda view: f"{view.word}-{'all' if view.index is None else view.index}",
)
WORDS = pytest.mark.parametrize("word", FUNCTIONS)
# The size of the matrix, and the places where a mask is zero, which facts do not know.
BEYOND_FACTS = {("det", "degree"), ("where", "block")}


FALSE: list[tuple[str, dict[str, Any]]] = [
    ("sq", {"degree": 1}),
    ("sum", {"degree": None}),
    ("exp", {"degree": 2}),
    ("log", {"curvature": Curvature.CONVEX}),
    ("det", {"curvature": Curvature.CONCAVE}),
    ("relu", {"curvature": Curvature.UNKNOWN}),
    ("l1", {"smoothness": Smoothness.ANALYTIC}),
    ("sqrt", {"smoothness": Smoothness.C1}),
    ("median", {"smoothness": Smoothness.C1}),
    ("l0", {"smoothness": Smoothness.C0}),
    ("tanh", {"smoothness": Smoothness.C0}),
    ("l2", {"block": Block.SEPARABLE}),
    ("softmax", {"block": Block.ELEMENTWISE}),
    ("sq", {"block": Block.FULL}),
    ("silu", {"monotone": Monotone.INCREASING}),
    ("exp", {"monotone": Monotone.DECREASING}),
    ("max", {"monotone": Monotone.NEITHER}),
    ("silu", {"low": -0.27}),
    ("sum", {"low": 0.0}),
    ("log1mexp", {"high": -0.1}),
    ("tanh", {"high": 0.9}),
    ("sq", {"leading": frozenset({"W"})}),
    ("sq", {"lags": frozenset({Lag("t")})}),
]


def test_every_fact_has_a_law() -> None:
    assert {each.name for each in fields(Facts)} == set(LAWS)


def test_every_fact_has_a_false_claim_that_is_found_out() -> None:
    assert {name for _, claim in FALSE for name in claim} == set(LAWS)


@VIEWS
@pytest.mark.parametrize("fact", LAWS)
def test_facts_are_true_and_tight(view: View, fact: str) -> None:
    if (view.word, fact) not in BEYOND_FACTS:
        LAWS[fact](view)


@pytest.mark.parametrize(("word", "claim"), FALSE, ids=lambda value: str(value))
def test_false_facts_are_found_out(word: str, claim: dict[str, Any]) -> None:
    view = next(each for each in views() if each.word == word)
    false = replace(view, facts=replace(view.facts, **claim))
    with pytest.raises(AssertionError):
        LAWS[next(iter(claim))](false)


@VIEWS
def test_derivatives_agree_with_differences(view: View) -> None:
    f, rng = measure.evaluation(view, 7)
    low, _ = view.interval
    rows = (view.rows(2, rng, scale=1.0) + (0.05 if low > -inf else 0.011)).requires_grad_()
    if view.facts.smoothness is not Smoothness.STEP:
        assert gradcheck(f, rows)
    if view.facts.smoothness >= Smoothness.C2:
        assert gradgradcheck(f, rows)


@WORDS
def test_the_shape_is_the_shape_of_the_value(word: str) -> None:
    drawn = arguments(word, 3, rng=generator())
    declared = function(word).shape(*shapes(word))
    assert not isinstance(declared, Misfit)
    assert function(word).value(*drawn).shape == (3, *declared)


@WORDS
def test_an_empty_batch_gives_an_empty_batch(word: str) -> None:
    drawn = arguments(word, 0, rng=generator())
    assert function(word).value(*drawn).shape == (0, *_declared(word))


@WORDS
def test_rows_do_not_see_one_another(word: str) -> None:
    drawn = arguments(word, 7, rng=generator())
    spoiled = [each.clone() for each in drawn]
    for each in spoiled:
        each[::2] = nan if each.is_floating_point() else 0
    clean, beside = function(word).value(*drawn), function(word).value(*spoiled)
    assert torch.equal(clean[1::2], beside[1::2])


@WORDS
def test_rows_are_what_they_are_alone(word: str) -> None:
    drawn = arguments(word, 7, rng=generator())
    together = function(word).value(*drawn)
    alone = [function(word).value(*(each[i : i + 1] for each in drawn)) for i in range(7)]
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-14, atol=1e-15)


@WORDS
def test_the_type_of_numbers_is_kept(word: str) -> None:
    counts = SPECIAL.get(word, Example()).counts
    for dtype in (torch.float32, torch.float64):
        drawn = arguments(word, 2, rng=generator())
        cast = [x if i in counts else x.to(dtype) for i, x in enumerate(drawn)]
        assert function(word).value(*cast).dtype is dtype


@WORDS
def test_values_trace_with_any_batch(word: str) -> None:
    f = function(word)
    traced = make_fx(f.value, tracing_mode="symbolic")(*arguments(word, 3, rng=generator()))
    drawn = arguments(word, 5, rng=generator(1))
    assert torch.allclose(traced(*drawn), f.value(*drawn), atol=1e-12)


@WORDS
def test_the_symbol_shows_every_argument(word: str) -> None:
    names = [f"argument{index}" for index in range(len(shapes(word)))]
    shown = function(word).symbol.show(*names)
    assert all(name in shown for name in names)


def _declared(word: str) -> tuple[int, ...]:
    declared = function(word).shape(*shapes(word))
    assert not isinstance(declared, Misfit)
    return declared


NARROWED = [word for word in FUNCTIONS if type(function(word)).on is not Function.on]
SPANS = ((-3.0, 2.0), (0.5, 4.0), (0.0, 1.0), (-2.0, -1.0))


def _inside(word: str, span: tuple[float, float]) -> bool:
    low, high = function(word).within[0] if function(word).within else (-inf, inf)
    return low <= span[0] and span[1] <= high


@pytest.mark.parametrize(
    ("word", "span"),
    [(word, span) for word in NARROWED for span in SPANS if _inside(word, span)],
    ids=str,
)
def test_what_is_said_between_two_numbers_is_true_there(
    word: str, span: tuple[float, float]
) -> None:
    f = function(word)
    share = torch.rand(500, 5, generator=generator(), dtype=torch.float64)
    share[0], share[1] = 0.0, 1.0
    values = f.value(span[0] + (span[1] - span[0]) * share)
    facts = f.on(0, span, count=5)
    assert facts.low == pytest.approx(float(values.min()), abs=1e-9)
    assert facts.high == pytest.approx(float(values.max()), abs=1e-9)
    assert replace(facts, low=f.seen_by(0).low, high=f.seen_by(0).high) == (
        replace(f.seen_by(0), smoothness=facts.smoothness)
    )


def test_a_root_is_smooth_away_from_zero() -> None:
    assert function("sqrt").on(0, (0.0, 1.0), count=1).smoothness is Smoothness.C0
    assert function("sqrt").on(0, (0.1, inf), count=1).smoothness is Smoothness.ANALYTIC


REFUSED: list[tuple[str, dict[str, Any], tuple[tuple[int, ...], ...]]] = [
    ("anisotropy", {}, ((8, 2),)),
    ("bce", {}, ((3,), (4,))),
    ("clamp", {"low": 1.0, "high": 0.0}, ((3,),)),
    ("concat", {}, ((2, 3), (3, 3))),
    ("corr", {}, ((3,), (4,))),
    ("cos", {}, ((3,), (4,))),
    ("det", {}, ((3, 4),)),
    ("dot", {}, ((3,), (4,))),
    ("flip", {}, ((3,), (3,))),
    ("group_l2", {"size": 2}, ((3,),)),
    ("hide", {}, ((3,), (4,))),
    ("largest", {"share": 1.5}, ((3,),)),
    ("logaddexp", {}, ((3,), (4,))),
    ("logdet", {}, ((3, 4),)),
    ("lrelu", {"slope": 2.0}, ((3,),)),
    ("nuclear", {}, ((3,),)),
    ("offdiag_mean", {}, ((1, 1),)),
    ("quantile", {"share": 1.5}, ((3,),)),
    ("rank", {}, ((3,),)),
    ("reshape", {"sizes": (2, 2)}, ((3,),)),
    ("saturation", {"of": "tanh"}, ((3,),)),
    ("sift", {}, ((3, 3),)),
    ("softmax", {}, ((),)),
    ("solve", {}, ((3, 3), (4,))),
    ("solve", {}, ((3, 4), (3,))),
    ("spectral_norm", {}, ((3,),)),
    ("trace", {}, ((3,),)),
    ("where", {}, ((3,), (3,), (4,))),
    ("where", {}, ((4,), (3,), (3,))),
    ("window_sum", {"pool": 4}, ((3,),)),
    ("window_sum", {"stride": 0}, ((3,),)),
    ("xent", {}, ((3, 4), (4,))),
]


@pytest.mark.parametrize(("word", "options", "given"), REFUSED, ids=lambda value: str(value))
def test_shapes_that_do_not_fit_are_refused_with_a_reason(
    word: str, options: dict[str, Any], given: tuple[tuple[int, ...], ...]
) -> None:
    refused = with_options(word, **options).shape(*given)
    assert isinstance(refused, Misfit)
    assert refused.reason


EXTREMES: list[tuple[str, list[list[float]], list[float]]] = [
    ("softplus", [[-200.0, 0.0, 200.0]], [0.0, 0.6931472, 200.0]),
    ("logsumexp", [[1e4, 1e4]], [1e4 + 0.6931472]),
    ("logsumexp", [[-1e4, -1e4]], [-1e4 + 0.6931472]),
    ("logaddexp", [[1e4, -1e4], [1e4, 1e4]], [1e4 + 0.6931472, 1e4]),
    ("log1mexp", [[1e-20, 1.0, 50.0]], [-46.051702, -0.45867515, -1.9287499e-22]),
    ("bce", [[1e4, -1e4], [1.0, 0.0]], [0.0]),
    ("bce", [[1e4, -1e4], [0.0, 1.0]], [2e4]),
    ("xent", [[1e4, 0.0], [1.0, 0.0]], [0.0]),
    ("sigmoid", [[-1e4, 1e4]], [0.0, 1.0]),
    ("softmax", [[1e4, 0.0]], [1.0, 0.0]),
    ("entropy", [[1e-30, 1.0]], [6.9077553e-29]),
    ("l2", [[0.0, 0.0]], [0.0]),
    ("std", [[1e4, 1e4]], [0.0]),
    ("unit", [[0.0, 0.0]], [0.0, 0.0]),
    ("cos", [[0.0, 0.0], [1.0, 0.0]], [0.0]),
    ("logcosh", [[-1e4, 0.0, 1e4]], [1e4 - 0.6931472, 0.0, 1e4 - 0.6931472]),
    ("group_l2", [[0.0, 0.0, 0.0, 3.0, 0.0, 4.0]], [0.0, 5.0]),
]


@pytest.mark.parametrize(("word", "given", "value"), EXTREMES, ids=lambda value: str(value))
def test_values_and_slopes_are_stable(
    word: str, given: list[list[float]], value: list[float]
) -> None:
    rows = [torch.tensor([each], requires_grad=True) for each in given]
    found = function(word).value(*rows)
    torch.testing.assert_close(found.flatten(), torch.tensor(value), rtol=1e-6, atol=1e-30)
    slopes: tuple[Tensor, ...] = torch.autograd.grad(found.sum(), rows)
    assert all(slope.isfinite().all() for slope in slopes)


def test_tokens_and_one_hot_labels_cost_the_same() -> None:
    logits = torch.randn(4, 3, 6, generator=generator())
    tokens = torch.randint(0, 6, (4, 3), generator=generator())
    spread = torch.nn.functional.one_hot(tokens, 6).float()
    cost = function("xent").value
    torch.testing.assert_close(cost(logits, tokens), cost(logits, spread))


@pytest.mark.parametrize("edges", ["wrap", "zero", "valid"])
@pytest.mark.parametrize("shape", [(7,), (5, 6), (2, 5, 6)])
@pytest.mark.parametrize("stride", [2, 3])
def test_a_stride_leaves_windows_out(edges: str, shape: tuple[int, ...], stride: int) -> None:
    x = torch.randn(2, *shape, generator=generator(), dtype=torch.float64)
    every = with_options("window_sum", pool=2, edges=edges).value(x)
    some = with_options("window_sum", pool=2, edges=edges, stride=stride)
    kept = every[..., ::stride] if len(shape) == 1 else every[..., ::stride, ::stride]
    assert some.shape(shape) == tuple(kept.shape[1:])
    torch.testing.assert_close(some.value(x), kept)


@pytest.mark.parametrize("edges", ["wrap", "zero", "valid"])
@pytest.mark.parametrize("shape", [(7,), (5, 6), (2, 5, 6)])
@pytest.mark.parametrize("pool", [1, 2, 3])
def test_windows_sum_what_a_loop_sums(edges: str, shape: tuple[int, ...], pool: int) -> None:
    summed = with_options("window_sum", pool=pool, edges=edges)
    x = torch.randn(2, *shape, generator=generator(), dtype=torch.float64)
    expected = x
    for axis in range(-min(len(shape), 2), 0):
        expected = _window(expected, axis, pool=pool, edges=edges)
    assert summed.shape(shape) == tuple(expected.shape[1:])
    torch.testing.assert_close(summed.value(x), expected)


def _window(x: Tensor, axis: int, *, pool: int, edges: str) -> Tensor:
    length = x.shape[axis]
    moved = x.movedim(axis, 0)
    before = (pool - 1) // 2
    starts = range(length - pool + 1) if edges == "valid" else range(-before, length - before)
    rows = [
        [i % length for i in range(s, s + pool) if edges == "wrap" or 0 <= i < length]
        for s in starts
    ]
    return torch.stack([moved[row].sum(0) for row in rows]).movedim(0, axis)


def test_stripes_are_oriented_and_spots_are_not() -> None:
    across = torch.arange(9, dtype=torch.float64) * torch.pi / 4.5
    stripes = torch.cos(across[:, None] + 0.0 * across)
    slanted = torch.cos(across[:, None] + across)
    spot = torch.exp(-((across[:, None] - across[4]) ** 2 + (across - across[4]) ** 2))
    columns = torch.stack([each.flatten() for each in (stripes, slanted, spot)], 1)
    found = function("anisotropy").value(columns[None])[0]
    assert found[0] > 0.9
    assert found[1] > 0.9
    assert found[2] < 1e-12


@pytest.mark.parametrize("of", ["relu", "shrink", "clamp"])
def test_saturation_is_the_distance_to_where_the_activation_is_flat(of: str) -> None:
    grid = torch.linspace(-4, 4, 8001, dtype=torch.float64)
    flat = {"relu": grid <= 0, "shrink": grid.abs() <= 1, "clamp": grid.abs() >= 1}[of]
    u = torch.linspace(-3, 3, 61, dtype=torch.float64)
    nearest = (u[:, None] - grid[flat]).abs().amin(1)
    found = with_options("saturation", of=of).value(u[:, None])
    torch.testing.assert_close(found, nearest, rtol=0, atol=2e-3)


def test_what_is_claimed_of_saturation_depends_on_the_activation() -> None:
    relu, clamp = (with_options("saturation", of=of).seen_by(0) for of in ("relu", "clamp"))
    assert relu.curvature is Curvature.CONVEX
    assert clamp.curvature is Curvature.UNKNOWN


def test_a_descriptor_turns_its_directions_with_the_patch() -> None:
    ramp = torch.arange(16, dtype=torch.float64).expand(1, 16, 16)
    right = function("sift").value(ramp).reshape(16, 8)
    down = function("sift").value(ramp.mT).reshape(16, 8)
    assert (right.argmax(1) == 0).all()
    assert (down.argmax(1) == 2).all()
    torch.testing.assert_close(right.square().sum(), torch.ones((), dtype=torch.float64))


def test_a_share_of_the_entries_is_largest() -> None:
    x = torch.tensor([[3.0, -4.0, 1.0, 2.0, -5.0]])
    found = with_options("largest", share=0.4).value(x)
    assert found.tolist() == [[0.0, 1.0, 0.0, 0.0, 1.0]]


def test_a_system_and_its_determinant_are_solved() -> None:
    matrix = torch.randn(4, 3, 3, generator=generator(), dtype=torch.float64)
    vector = torch.randn(4, 3, generator=generator(1), dtype=torch.float64)
    solved = function("solve").value(matrix, vector)
    torch.testing.assert_close((matrix @ solved[..., None])[..., 0], vector)
    found = function("logdet").value(matrix)
    torch.testing.assert_close(found, torch.linalg.det(matrix).abs().log())
    columns = torch.randn(4, 3, 2, generator=generator(2), dtype=torch.float64)
    torch.testing.assert_close(matrix @ function("solve").value(matrix, columns), columns)
