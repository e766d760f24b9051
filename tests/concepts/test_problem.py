"""Problems: what is read off the facts, and which solver costs least."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.facts import Curvature, Facts
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Problem, Rough

CONVEX = Facts(degree=2, curvature=Curvature.CONVEX, low=0)
KINK = Rough("lam * l1(z)", "l1", gauge=True)
LASSO = Problem(("z",), 256, "real", CONVEX, (KINK,), shared=True)
SQUARES = replace(LASSO, rough=())
CURVED = Facts(curvature=Curvature.CONVEX)


def cheapest(problem: Problem) -> str:
    """Ask every solver and return the word of the cheapest one, a local one if it must be."""
    found: dict[str, tuple[bool, float]] = {}
    for word in words(Solver):
        verdict = cast("Any", find(Solver, word))().accepts(problem)
        if isinstance(verdict, Accept):
            found[word] = (verdict.local, verdict.cost)
    return min(found, key=lambda word: found[word])


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        (LASSO, "admm"),
        (replace(LASSO, domain="nonneg"), "admm"),
        (replace(SQUARES, domain="nonneg"), "admm"),
        (replace(LASSO, shared=False), "fista"),
        (replace(LASSO, size=50_000), "fista"),
        (replace(LASSO, smooth=CURVED, evaluation=1e4), "fista"),
        (replace(LASSO, smooth=Facts(degree=2), shared=False), "coordinate_descent"),
        (replace(LASSO, smooth=Facts(), shared=False), "ista"),
        (SQUARES, "closed_form"),
        (replace(SQUARES, shared=False), "closed_form"),
        (replace(SQUARES, smooth=Facts(), evaluation=1e4), "lbfgs"),
        (replace(SQUARES, domain="onehot", states=256), "exhaustive"),
    ],
)
def test_the_cheapest_solver_is_the_right_one(problem: Problem, word: str) -> None:
    assert cheapest(problem) == word


def test_terms_meet_where_their_latents_do() -> None:
    first, second = replace(KINK, over=("z",)), replace(KINK, word="l2", over=("u",))
    assert not first.meets(second)
    assert first.meets(KINK)
    assert replace(LASSO, rough=(first, second)).clash is None
    assert replace(LASSO, rough=(first, replace(second, over=("u", "z")))).clash is not None


@pytest.mark.parametrize(
    ("problem", "certificate"),
    [
        (LASSO, "relative duality gap"),
        (SQUARES, "relative excess energy"),
        (
            replace(LASSO, rough=(replace(KINK, gauge=False),)),
            "relative length of a gradient step",
        ),
        (replace(LASSO, smooth=CURVED), "relative length of a gradient step"),
    ],
)
def test_the_certificate_is_the_strongest_that_is_known(
    problem: Problem, certificate: str
) -> None:
    assert problem.certificate == certificate


def test_the_first_obstacle_is_named() -> None:
    hard = replace(KINK, obstacle="its argument mixes entries")
    assert LASSO.obstacle is None
    assert replace(LASSO, rough=(KINK, hard)).obstacle is hard
    assert replace(LASSO, latents=("z", "u")).name == "`z, u`"
    assert replace(SQUARES, states=3).discrete


@pytest.mark.parametrize(
    ("options", "reason"), [({"steps": -1}, "steps"), ({"tol": 0.0}, "tol")]
)
def test_a_solver_refuses_a_budget_that_no_run_can_have(
    options: dict[str, Any], reason: str
) -> None:
    fista: Any = find(Solver, "fista")
    with pytest.raises(ValueError, match=f"`{reason}` is"):
        fista(**options)
