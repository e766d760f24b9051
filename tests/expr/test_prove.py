"""What is proved of an expression is true of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, combinations

import pytest
import torch
from torch import Tensor

from ebmdsl.compilation import Compilation
from ebmdsl.concepts.facts import Block, Curvature, Facts, Monotone, Smoothness
from ebmdsl.expr.node import Node
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from tests.expr.expressions import SHAPES, Growth, Values, drawn, value
from tests.expr.programs import MODELS, program
from tests.expr.table import table
from tests.goldens import Goldens

TRIES = 6
LAWS: list[Callable[[Node, frozenset[str], Facts, torch.Generator], None]] = []


def law(check: Callable[..., None]) -> Callable[..., None]:
    """Add a law that every proved fact obeys."""
    LAWS.append(check)
    return check


def _pair(names: frozenset[str], rng: torch.Generator) -> tuple[Values, Values]:
    """Two points that differ in the moving variables only."""
    first, second = drawn(rng), drawn(rng)
    return first, {n: second[n] if n in names else x for n, x in first.items()}


def _mixed(first: Values, second: Values, t: float) -> Values:
    return {name: (1 - t) * first[name] + t * second[name] for name in first}


def _size(*values: Tensor) -> float:
    return 1 + max(float(x.abs().max()) for x in values)


def _finite(*values: Tensor) -> bool:
    return all(bool(x.isfinite().all()) and float(x.abs().max()) < 1e8 for x in values)


@law
def bends_as_proved(
    node: Node, names: frozenset[str], facts: Facts, rng: torch.Generator
) -> None:
    first, second = _pair(names, rng)
    ends = value(node, first), value(node, second)
    middle = value(node, _mixed(first, second, 0.5))
    if not _finite(*ends, middle):
        return
    sag = (ends[0] + ends[1]) / 2 - middle
    slack = 1e-9 * _size(*ends, middle)
    if facts.curvature in (Curvature.CONVEX, Curvature.AFFINE):
        assert float(sag.min()) >= -slack
    if facts.curvature in (Curvature.CONCAVE, Curvature.AFFINE):
        assert float(sag.max()) <= slack


def _difference(node: Node, order: int, ends: tuple[Values, Values]) -> Tensor | None:
    """The highest finite difference along a line, relative to the values on it."""
    steps = [value(node, _mixed(*ends, k / max(order, 1))) for k in range(order + 1)]
    if not _finite(*steps):
        return None
    return torch.diff(torch.stack(steps), n=order, dim=0)[0] / _size(*steps)


@law
def has_no_higher_degree(
    node: Node, names: frozenset[str], facts: Facts, rng: torch.Generator
) -> None:
    if facts.degree is None or facts.degree > 4:
        return
    found = _difference(node, facts.degree + 1, _pair(names, rng))
    assert found is None or float(found.abs().max()) < 1e-8


@law
def leading_coefficients_ignore_the_rest(
    node: Node, names: frozenset[str], facts: Facts, rng: torch.Generator
) -> None:
    if facts.degree is None or not 0 < facts.degree <= 4:
        return
    ends, other = _pair(names, rng), drawn(rng)
    free = node.names - names - facts.leading
    changed = [{n: other[n] if n in free else x for n, x in end.items()} for end in ends]
    here = _difference(node, facts.degree, ends)
    there = _difference(node, facts.degree, (changed[0], changed[1]))
    if here is None or there is None:
        return
    sizes = [_line(node, facts.degree, each) for each in (ends, (changed[0], changed[1]))]
    torch.testing.assert_close(
        here * sizes[0], there * sizes[1], rtol=1e-7, atol=1e-8 * max(sizes)
    )


def _line(node: Node, order: int, ends: tuple[Values, Values]) -> float:
    return _size(*(value(node, _mixed(*ends, k / order)) for k in range(order + 1)))


@law
def stays_within_bounds(
    node: Node, names: frozenset[str], facts: Facts, rng: torch.Generator
) -> None:
    found = value(node, drawn(rng))
    if _finite(found):
        assert facts.low - 1e-9 <= float(found.min())
        assert float(found.max()) <= facts.high + 1e-9


@law
def moves_in_the_proved_direction(
    node: Node, names: frozenset[str], facts: Facts, rng: torch.Generator
) -> None:
    first, second = _pair(names, rng)
    upper = {n: torch.maximum(first[n], second[n]) for n in first}
    low, high = value(node, first), value(node, upper)
    if not _finite(low, high):
        return
    slack = 1e-9 * _size(low, high)
    if facts.monotone is Monotone.INCREASING:
        assert float((high - low).min()) >= -slack
    if facts.monotone is Monotone.DECREASING:
        assert float((high - low).max()) <= slack


@law
def has_no_kink_where_it_is_smooth(
    node: Node, names: frozenset[str], facts: Facts, rng: torch.Generator
) -> None:
    if facts.smoothness < Smoothness.C1:
        return
    first, second = _pair(names, rng)
    here = {n: torch.zeros_like(x) if n in names - {"p", "W"} else x for n, x in first.items()}
    step = 1e-7
    ahead, behind = _mixed(here, second, step), _mixed(here, second, -step)
    middle, *sides = (value(node, v) for v in (here, ahead, behind))
    if _finite(middle, *sides):
        jump = (sides[0] + sides[1] - 2 * middle) / step
        assert float(jump.abs().max()) < 1e-3 * _size(middle)


def _places(names: frozenset[str], *, rows: bool) -> int:
    counts = [SHAPES[n][0] if SHAPES[n] else 1 for n in names]
    sizes = [torch.Size(SHAPES[n]).numel() for n in names]
    return max(counts if rows else sizes)


def _replaced(
    ends: tuple[Values, Values], names: frozenset[str], places: tuple[int, ...], *, rows: bool
) -> Values:
    """Take the entries at some places from the second point."""
    changed = {n: x.clone() for n, x in ends[0].items()}
    for name in names:
        flat = not rows or not SHAPES[name]
        into, out = (x[name].reshape(-1) if flat else x[name] for x in (changed, ends[1]))
        kept = [place for place in places if place < len(into)]
        into[kept] = out[kept]
    return changed


@law
def entries_stay_apart(
    node: Node, names: frozenset[str], facts: Facts, rng: torch.Generator
) -> None:
    if facts.block not in (Block.ELEMENTWISE, Block.SEPARABLE, Block.ROWS):
        return
    rows = facts.block is Block.ROWS
    ends = _pair(names, rng)
    base = value(node, ends[0])
    for pair in combinations(range(_places(names, rows=rows)), 2):
        both = value(node, _replaced(ends, names, pair, rows=rows))
        alone = [value(node, _replaced(ends, names, (i,), rows=rows)) for i in pair]
        if not _finite(base, both, *alone):
            return
        meeting = both + base - alone[0] - alone[1]
        assert float(meeting.abs().max()) < 1e-8 * _size(both, *alone)


@pytest.mark.parametrize("seed", range(0, 160, 10))
def test_facts_hold(seed: int) -> None:
    for each in range(seed, seed + 10):
        growth = Growth(each)
        node = (growth.scalar if each % 3 else growth.vector)(3).node
        rng = torch.Generator().manual_seed(each)
        sets = (combinations(sorted(node.names), count) for count in (1, 2, 3))
        for names in chain.from_iterable(sets):
            _obey(node, frozenset(names), rng)


def _obey(node: Node, names: frozenset[str], rng: torch.Generator) -> None:
    facts = prove(node, names)
    for check in LAWS:
        try:
            check(node, names, facts, rng)
        except AssertionError as error:
            error.add_note(f"{formula(node)} in {sorted(names)}: {facts}")
            raise


@pytest.mark.parametrize("name", MODELS)
def test_the_structure_of_every_energy_is_stated(name: str, goldens: Goldens) -> None:
    compilation = Compilation(Source(f"{name}.ebm", program(name)))
    model = compilation.model
    assert model is not None, show(compilation.diagnostics, format="short")
    goldens.check(f"facts/{name}.expected", table(model))
