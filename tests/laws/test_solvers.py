"""Every solver on every problem: it reaches the minimum, or says why it does not take it."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import pytest
import torch

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.lower.loop import Status, solve
from tests.laws.constrained import constrained
from tests.laws.problems import Fixture, fixtures

TOL = 1e-4
SLOW = {"ista", "gradient_descent", "coordinate_descent"}  # by the condition number


@cache
def problems() -> dict[str, Fixture]:
    return {one.name: one for one in (*fixtures(), *constrained())}


def solver(word: str) -> Solver:
    kind = cast("Any", find(Solver, word))
    made: Solver = kind()
    return made


def is_local(method: Solver, fixture: Fixture) -> bool:
    """Tell whether a solver stops where single discrete entries cannot go lower."""
    return method.word == "icm" and fixture.problem.discrete


@pytest.mark.parametrize("name", list(problems()))
@pytest.mark.parametrize("word", words(Solver))
def test_it_reaches_the_minimum_or_says_why_not(word: str, name: str) -> None:
    fixture, method = problems()[name], solver(word)
    verdict = method.accepts(fixture.problem)
    match verdict:
        case Refuse(reason=reason):
            assert len(reason.split()) >= 4
        case Accept(cost=cost, reason=reason, certificate=certificate):
            assert cost > 0
            assert reason
            assert certificate
            _expect_minimum(method, fixture)


def _expect_minimum(method: Solver, fixture: Fixture) -> None:
    found = solve(method, fixture.objective, start=fixture.start, tol=TOL)
    value = fixture.objective.value(found.point)
    met = found.status == Status.CONVERGED
    if "1e6" in fixture.name and method.word in SLOW:
        assert torch.equal(~met, found.status == Status.AT_LIMIT)
    else:
        assert met.all(), found.steps
    assert torch.allclose(fixture.objective.clip(found.point), found.point, rtol=0, atol=1e-12)
    first = fixture.objective.value(fixture.objective.clip(fixture.start))
    assert (value <= first + 1e-9 * first.abs()).all()
    size = torch.maximum(value.abs(), fixture.objective.value(fixture.start).abs())
    excess = (value - fixture.minimum) / size.clamp_min(1e-300)
    assert excess.min() >= -fixture.slack
    if not fixture.several and not is_local(method, fixture):
        assert excess[met].le(1.01 * TOL).all()
    if fixture.objective.has_gap:
        assert (found.certificate >= excess * (1 - 1e-6) - 1e-9).all()


@pytest.mark.parametrize("name", list(problems()))
def test_only_the_obstructed_problem_is_left_to_nobody(name: str) -> None:
    verdicts = [solver(word).accepts(problems()[name].problem) for word in words(Solver)]
    taken = any(isinstance(verdict, Accept) for verdict in verdicts)
    assert taken != (name == "obstructed")
