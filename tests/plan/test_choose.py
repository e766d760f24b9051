"""A method is chosen because of facts: take one away, and the method and its reason change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ebmdsl.concepts.facts import Curvature, Facts
from ebmdsl.concepts.problem import Problem, Rough
from ebmdsl.plan.choose import Choice, choose
from ebmdsl.plan.plan import Rejected
from ebmdsl.render.steps import found

QUADRATIC = Facts(degree=2, leading=frozenset({"W"}), curvature=Curvature.CONVEX, low=0)
L1 = Rough("‖z‖₁", "l1", gauge=True, over=("z",))
L2 = Rough("‖z‖₂", "l2", gauge=True, over=("z",))
LASSO = Problem(
    ("z",), size=256, domain="real", smooth=QUADRATIC, rough=(L1,), shared=True, evaluation=4e4
)
LEAST_SQUARES = replace(LASSO, rough=())
STATES = replace(LEAST_SQUARES, domain="onehot", states=20)
OWN = replace(QUADRATIC, leading=frozenset({"W", "y"}))
BENT = replace(QUADRATIC, curvature=Curvature.UNKNOWN)
CURVED = replace(QUADRATIC, degree=None)


def _taken(problem: Problem) -> Choice:
    choice = choose(problem)
    assert isinstance(choice, Choice)
    return choice


def _reasons(choice: Choice | tuple[Rejected, ...]) -> dict[str, str]:
    rejected = choice.rejected if isinstance(choice, Choice) else choice
    return {each.method: each.reason for each in rejected}


@pytest.mark.parametrize(
    ("problem", "method", "reason"),
    [
        (LASSO, "admm", "one factorization for all samples"),
        (LEAST_SQUARES, "closed_form", "a linear system, one factorization for all samples"),
        (STATES, "exhaustive", "all 20 states"),
    ],
)
def test_all_facts_give_the_best_method(problem: Problem, method: str, reason: str) -> None:
    choice = _taken(problem)
    assert choice.solver.word == method
    assert reason in choice.accept.reason


@pytest.mark.parametrize(
    ("full", "less", "method"),
    [
        (LASSO, replace(LASSO, smooth=OWN, shared=False), "fista"),
        (LASSO, replace(LASSO, smooth=CURVED), "fista"),
        (LASSO, replace(LASSO, smooth=BENT), "coordinate_descent"),
        (LASSO, replace(LASSO, rough=()), "closed_form"),
        (LEAST_SQUARES, replace(LEAST_SQUARES, smooth=CURVED), "lbfgs"),
        (LEAST_SQUARES, replace(LEAST_SQUARES, smooth=BENT), "lbfgs"),
        (LEAST_SQUARES, replace(LEAST_SQUARES, domain="nonneg"), "admm"),
        (STATES, replace(STATES, states=None, domain="real"), "closed_form"),
    ],
    ids=[
        "matrix not shared",
        "not quadratic",
        "not convex",
        "no kink",
        "least squares not quadratic",
        "least squares not convex",
        "a domain",
        "no states",
    ],
)
def test_without_one_fact_another_method_for_another_reason(
    full: Problem, less: Problem, method: str
) -> None:
    before, after = _taken(full), _taken(less)
    assert after.solver.word == method != before.solver.word
    assert after.accept.reason != before.accept.reason
    assert _reasons(after) != _reasons(before)
    assert found(less) != found(full)


@pytest.mark.parametrize(
    ("less", "culprit"),
    [
        (
            replace(LASSO, rough=(replace(L1, obstacle="V mixes"),)),
            "has no known prox: V mixes",
        ),
        (replace(LASSO, rough=(L1, L2)), "none is known for their sum"),
        (replace(LASSO, domain="simplex"), "none is known together with the set of `z`"),
        (replace(LASSO, domain="mixed"), "no projection onto the set of `z`"),
    ],
    ids=["no prox", "two kinks", "a set of its own", "no projection"],
)
def test_without_any_method_every_refusal_has_its_reason(less: Problem, culprit: str) -> None:
    choice = choose(less)
    assert not isinstance(choice, Choice)
    assert any(culprit in each.reason for each in choice)
    assert {each.method for each in choice} >= {"fista", "admm", "closed_form", "lbfgs"}


@pytest.mark.parametrize(
    ("less", "certificate"),
    [
        (LASSO, "relative duality gap"),
        (LEAST_SQUARES, "relative excess energy"),
        (
            replace(LASSO, rough=(replace(L1, gauge=False),)),
            "relative length of a gradient step",
        ),
        (
            replace(LASSO, smooth=BENT),
            "relative length of a gradient step; a local answer, for it is not proved convex",
        ),
    ],
)
def test_a_certificate_is_what_the_facts_allow(less: Problem, certificate: str) -> None:
    assert _taken(less).accept.certificate == certificate


@pytest.mark.parametrize(
    ("problem", "sentences"),
    [
        (
            LASSO,
            [
                "the smooth part is a convex quadratic in `z`",
                "its matrix depends on `W`: one matrix serves all samples",
                "`‖z‖₁` has a kink, and its proximal operator is known",
            ],
        ),
        (
            replace(LEAST_SQUARES, smooth=OWN, shared=False),
            [
                "the smooth part is a convex quadratic in `z`",
                "its matrix depends on `W`, `y`: each sample has its own",
            ],
        ),
        (
            replace(LEAST_SQUARES, smooth=Facts(), domain="nonneg"),
            [
                "the smooth part is smooth, not proved convex, in `z`",
                "`z` is nonneg: the prox ends with a projection",
            ],
        ),
        (STATES, ["`z` has 20 states"]),
    ],
)
def test_what_was_found_is_said(problem: Problem, sentences: list[str]) -> None:
    assert found(problem) == sentences
