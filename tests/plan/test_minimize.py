"""Minimizations are planned by what is proved, however the energy is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.plan.plan import Eliminate
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from tests.expr.rewrites import Rewriter
from tests.plan.plans import planned

HEAD = """model m
observed y : real[12]
param    W : real[12, 20] with unit_columns
param    S : nonneg[20, 20] with symmetric, zero_diag
{latent}
cost recon = sq(y - W @ z) / 2
{rest}
infer z by minimize {how}
train W by energy
"""
REAL = "latent z : real[20]"
PROGRAMS: dict[str, tuple[str, str, str]] = {
    "inhibition": (
        "coordinate_descent",
        REAL,
        "regularizer sparse = 0.3 * l1(z)\nregularizer inhibit = abs(z) @ S @ abs(z)",
    ),
    "few active entries": ("omp", "latent z : real[20] with sparse(3)", ""),
    "a price of entries": ("iht", REAL, "regularizer few = 0.3 * l0(z)"),
    "groups": ("admm", REAL, "regularizer groups = 0.2 * sum(group_l2(z, 4))"),
    "sparse groups": (
        "admm",
        REAL,
        "regularizer groups = 0.2 * sum(group_l2(z, 4))\nregularizer sparse = 0.1 * l1(z)",
    ),
    "shares": ("admm", "latent z : simplex[20]", ""),
    "a box": ("admm", "latent z : real[20] with clip(-1, 1)", ""),
    "a sphere": ("ista", "latent z : real[20] with sphere", ""),
}
ROUND = """model m
observed y : real[6, 4]
latent   z : real[6, 4]
cost recon = sq(y - z) / 2
regularizer small = 0.5 * nuclear(z)
infer z by minimize
"""


def _text(name: str, how: str = "") -> str:
    _, latent, rest = PROGRAMS[name]
    return HEAD.format(latent=latent, rest=rest, how=how)


def _step(text: str) -> Eliminate:
    compilation = Compilation(Source("program.ebm", text))
    plan = compilation.plan
    assert plan is not None, text + show(compilation.diagnostics, format="short")
    return plan.eliminations[0]


def _decision(step: Eliminate) -> tuple[object, ...]:
    assert step.problem is not None
    found = replace(
        step.problem, rough=tuple(replace(r, span=None) for r in step.problem.rough)
    )
    rejected = [(each.method, each.reason) for each in step.rejected]
    kept = step.magnitude, step.smooth, [term.function for term in step.rough]
    return step.method, step.certificate, step.reason, found, rejected, kept


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_structure_decides(name: str) -> None:
    assert _step(_text(name)).method == PROGRAMS[name][0]


def test_a_round_quadratic_takes_one_step() -> None:
    assert _step(ROUND).method == "prox"


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("text", [*map(_text, PROGRAMS), ROUND], ids=[*PROGRAMS, "prox"])
def test_ten_rewrites_change_no_decision(text: str, seed: int) -> None:
    file = Compilation(Source("program.ebm", text)).file
    assert file is not None
    rewriter = Rewriter(file, seed=seed)
    for _ in range(10):
        rewriter.step()
    written = format_file(rewriter.file, Source("rewritten.ebm", ""))
    assert _decision(_step(written)) == _decision(_step(text)), f"{rewriter.done}\n{written}"


def test_starts_and_a_second_method_are_planned() -> None:
    step = _step(_text("a price of entries", "from starts(-1..1, 4)"))
    assert step.starts == (-1.0, 1.0, 4)
    assert step.safer is not None
    assert step.safer.word == "ista"


def test_where_the_file_names_the_method_there_is_no_second_one() -> None:
    step = _step(_text("a price of entries", "with iht"))
    assert (step.method, step.told, step.safer) == ("iht", True, None)


def test_a_told_method_is_taken_and_the_choice_of_the_planner_named() -> None:
    (step,) = planned("lasso", "with fista(tol = 1e-6)").eliminations
    assert (step.method, step.told) == ("fista", True)
    assert [each.method for each in step.rejected] == ["admm"]
