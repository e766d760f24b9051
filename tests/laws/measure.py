"""What a function is found to be by trying it: the counterpart of its declared facts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from math import inf, isinf

import torch
from torch import Tensor

from ebmdsl.concepts.facts import Block, Curvature, Monotone, Smoothness
from tests.laws.cases import Tried, generator

Scalar = Callable[[Tensor], Tensor]
ROUNDING = 1e-9


def evaluation(view: Tried, seed: int) -> tuple[Callable[[Tensor], Tensor], torch.Generator]:
    """Return the function of the moving rows, with the other arguments fixed at random."""
    rng = generator(seed)
    return view.fixed(rng), rng


def degree(view: Tried, most: int = 4) -> int | None:
    """Find the polynomial degree along random lines, up to `most`."""
    f, rng = evaluation(view, 1)
    start, end = view.rows(64, rng), view.rows(64, rng)
    steps = [f(start + (end - start) * k / (most + 2)) for k in range(most + 3)]
    for order in range(most + 1):
        steps = [after - before for before, after in pairwise(steps)]
        if max(float(step.abs().max()) for step in steps) < ROUNDING * 10**order:
            return order
    return None


def curvature(view: Tried) -> Curvature:
    """Compare chords with the middle, on random pairs of points."""
    above, below = False, False
    for seed in range(20):
        f, rng = evaluation(view, seed)
        scale = 0.5 * (1 + seed % 5)
        left, right = view.rows(200, rng, scale=scale), view.rows(200, rng, scale=scale)
        if isinf(view.interval[0]):
            right[:20] = -left[:20]
        bend = (f(left) + f(right)) / 2 - f((left + right) / 2)
        above |= bool((bend > ROUNDING).any())
        below |= bool((bend < -ROUNDING).any())
    match above, below:
        case False, False:
            return Curvature.AFFINE
        case True, False:
            return Curvature.CONVEX
        case False, True:
            return Curvature.CONCAVE
        case _:
            return Curvature.UNKNOWN


def monotone(view: Tried) -> Monotone:
    """Raise entries and see which way the values go."""
    up, down = False, False
    for seed in range(20):
        f, rng = evaluation(view, seed)
        low, high = view.rows(200, rng), view.rows(200, rng)
        change = f(torch.maximum(low, high)) - f(low)
        up |= bool((change > ROUNDING).any())
        down |= bool((change < -ROUNDING).any())
    match up, down:
        case True, False:
            return Monotone.INCREASING
        case False, True:
            return Monotone.DECREASING
        case _:
            return Monotone.NEITHER


def block(view: Tried) -> Block:
    """Replace entries, one or two at a time, and see what changes."""
    f, rng = evaluation(view, 3)
    base, other = view.rows(200, rng), view.rows(200, rng)
    if f(base).shape[1] == 1 and view.size > 1:
        return _of_scalar(f, base, other)
    depends = torch.stack([_changed(f, base, other, entry=i) for i in range(view.size)], 1)
    if depends.shape[0] == view.size and bool((depends == torch.eye(view.size)).all()):
        return Block.ELEMENTWISE
    return Block.FULL if bool(depends.all(1).any()) else Block.GROUPED


def _changed(f: Scalar, base: Tensor, other: Tensor, *, entry: int) -> Tensor:
    return ((f(_mixed(base, other, entry)) - f(base)).abs() > ROUNDING).any(0)


def _mixed(base: Tensor, other: Tensor, *entries: int) -> Tensor:
    chosen = torch.zeros(base.shape[1], dtype=torch.bool)
    chosen[list(entries)] = True
    return torch.where(chosen, other, base)


def _of_scalar(f: Scalar, base: Tensor, other: Tensor) -> Block:
    size = base.shape[1]
    met = torch.eye(size)
    for i, j in combinations(range(size), 2):
        met[i, j] = met[j, i] = (_interaction(f, base, other, (i, j)) > ROUNDING).any()
    if bool((met == torch.eye(size)).all()):
        return Block.SEPARABLE
    reached = torch.linalg.matrix_power(met, size)
    return Block.FULL if bool((reached > 0).all()) else Block.GROUPED


def _interaction(f: Scalar, base: Tensor, other: Tensor, pair: tuple[int, int]) -> Tensor:
    i, j = pair
    alone = f(_mixed(base, other, i)) + f(_mixed(base, other, j))
    return (f(_mixed(base, other, i, j)) + f(base) - alone).abs()


def smoothness(view: Tried) -> Smoothness:
    """Walk through special points and look for jumps, kinks, and jumps of the curvature."""
    found = Smoothness.ANALYTIC
    for seed in range(3):
        f, rng = evaluation(view, seed)
        points = _special(view, rng)
        weights = torch.randn(f(points[:1]).shape[1], generator=rng, dtype=torch.float64)
        way = torch.randn(points.shape, generator=rng, dtype=torch.float64)
        inward = _inward(view, points)
        way = torch.where(inward == 0, way, inward * way.abs())
        found = min(found, _along(_weighted(f, weights), points, way, inward=inward))
    return found


def _weighted(f: Scalar, weights: Tensor) -> Scalar:
    return lambda rows: f(rows) @ weights


def _special(view: Tried, rng: torch.Generator) -> Tensor:
    """Points where functions break: all entries equal, two entries equal, ends, any."""
    low, high = view.interval
    ends = [end for end in (-1.0, 0.0, 1.0, low, high) if low <= end <= high and not isinf(end)]
    equal = torch.tensor(sorted(set(ends)), dtype=torch.float64)[:, None].expand(-1, view.size)
    free = view.rows(8, rng)
    pairs = list(combinations(range(view.size), 2))
    tied = view.rows(max(len(pairs), 1), rng)
    for row, (i, j) in enumerate(pairs):
        tied[row, i] = tied[row, j]
    points = torch.cat([equal, free, tied])
    f, _ = evaluation(view, 0)
    return points[f(points).isfinite().all(1)]


def _inward(view: Tried, points: Tensor) -> Tensor:
    low, high = view.interval
    return (points == low).double() - (points == high).double()


def _along(f: Scalar, points: Tensor, way: Tensor, *, inward: Tensor) -> Smoothness:
    if _jumps(f, points, way):
        return Smoothness.STEP
    inside = (inward == 0).all(1)
    equal = (points == points[:, :1]).all(1)
    if _steep(f, points[equal], way[equal]) or _kinks(f, points[inside], way[inside]):
        return Smoothness.C0
    bent = _bends(f, points[inside], way[inside])
    return Smoothness.C1 if bent else Smoothness.ANALYTIC


def _jumps(f: Scalar, points: Tensor, way: Tensor) -> bool:
    tiny = torch.where((points == 0).all(1, keepdim=True), 1e-20, 1e-12)
    return bool(((f(points + tiny * way) - f(points)).abs() > 1e-3).any())


def _steep(f: Scalar, points: Tensor, way: Tensor) -> bool:
    slopes = [((f(points + h * way) - f(points)) / h).abs() for h in (1e-2, 1e-7)]
    return bool((slopes[1] > 2 * slopes[0] + 0.1).any())


def _kinks(f: Scalar, points: Tensor, way: Tensor) -> bool:
    coarse, fine = (_turn(f, points, h * way) / h for h in (1e-5, 1e-6))
    return bool(((fine > 1e-2) & (fine > 0.3 * coarse)).any())


def _turn(f: Scalar, points: Tensor, step: Tensor) -> Tensor:
    return (f(points + step) - 2 * f(points) + f(points - step)).abs()


def _bends(f: Scalar, points: Tensor, way: Tensor) -> bool:
    coarse, fine = (_bend(f, points, h * way) / h**2 for h in (1e-3, 1e-4))
    return bool(((fine > 0.05) & (fine > 0.3 * coarse)).any())


def _bend(f: Scalar, points: Tensor, step: Tensor) -> Tensor:
    """Compare the second difference ahead with the one behind."""
    at = [f(points + k * step) for k in (-2, -1, 0, 1, 2)]
    return (at[4] - 2 * at[3] + 2 * at[1] - at[0]).abs()


def bounds(view: Tried) -> tuple[float, float]:
    """Return the smallest and the largest value found, on a wide range of points."""
    low, high = inf, -inf
    for seed in range(12):
        f, rng = evaluation(view, seed)
        scale = (0.1, 1.0, 10.0)[seed % 3]
        values = torch.cat([f(view.rows(500, rng, scale=scale)), f(_special(view, rng))])
        low, high = min(low, float(values.min())), max(high, float(values.max()))
    return low, high
