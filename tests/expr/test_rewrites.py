"""Equal energies become equal nodes, and the plan is the same however one writes them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from ebmdsl.compilation import Compilation
from ebmdsl.concepts.problem import Problem
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.lower.energy import evaluate
from ebmdsl.plan.plan import Eliminate, Plan, Update
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from tests.expr.programs import program
from tests.expr.rewrites import Rewriter

MODELS = ("sparse_coding", "kmeans", "pca", "psd", "rbm", "kalman")
STEPS = 10


def _compiled(text: str) -> tuple[Compilation, Plan]:
    compilation = Compilation(Source("rewritten.ebm", text))
    plan = compilation.plan
    assert plan is not None, text + show(compilation.diagnostics, format="short")
    return compilation, plan


def _rewritten(name: str, seed: int) -> tuple[str, Rewriter]:
    file = Compilation(Source(name, program(name) + "train by energy\n")).file
    assert file is not None
    rewriter = Rewriter(file, seed=seed)
    for _ in range(STEPS):
        rewriter.step()
    return format_file(rewriter.file, Source("rewritten.ebm", "")), rewriter


def _elimination(step: Eliminate) -> tuple[object, ...]:
    assert step.problem is not None
    found = replace(
        step.problem, rough=tuple(replace(r, span=None) for r in step.problem.rough)
    )
    rejected = [(each.method, each.reason) for each in step.rejected]
    return step.names, step.ring, step.method, step.certificate, step.reason, found, rejected


def _update(update: Update) -> tuple[object, ...]:
    blocks = [move.names for move in update.moves]
    return update.names, update.reason, blocks, _steps(update)


def _steps(update: Update) -> tuple[object, ...]:
    forms = [move.conjugate and move.conjugate.kind for move in update.moves]
    return update.method, forms, [move.coupling for move in update.moves]


def _decisions(plan: Plan) -> tuple[object, ...]:
    steps = [_elimination(each) for each in plan.eliminations]
    return steps, [_update(each) for each in plan.updates], plan.volume


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", MODELS)
def test_ten_rewrites_change_no_decision(name: str, seed: int) -> None:
    _, before = _compiled(program(name) + "train by energy\n")
    text, rewriter = _rewritten(name, seed)
    _, after = _compiled(text)
    assert after.energy is before.energy, f"{rewriter.done}\n{text}"
    assert _decisions(after) == _decisions(before)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", MODELS)
def test_ten_rewrites_keep_the_value_of_the_energy(name: str, seed: int) -> None:
    _, before = _compiled(program(name) + "train by energy\n")
    text, _ = _rewritten(name, seed)
    after = _unnormalized(text)
    values = _values(before)
    torch.testing.assert_close(
        sum(evaluate(term, values) for term in after), evaluate(before.energy, values)
    )


def _unnormalized(text: str) -> list[Node]:
    """The terms of a rewritten program, one by one, not brought together."""
    compilation, _ = _compiled(text)
    assert compilation.model is not None
    return [term.node for term in compilation.model.energy]


def _values(plan: Plan) -> dict[str, torch.Tensor]:
    rng = torch.Generator().manual_seed(0)
    lead = {True: (2,), False: ()}
    values = {
        each.name: torch.rand(
            (*lead[each.quantity.per_sample], *each.whole), generator=rng, dtype=torch.float64
        )
        for each in plan.model.declared
    }
    for net in plan.model.nets:
        for name, shape in net.weights:
            drawn = torch.rand(shape, generator=rng, dtype=torch.float64)
            values[f"{net.name}.{name}"] = drawn
    return values


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", MODELS)
def test_names_do_not_matter(name: str, seed: int) -> None:
    _, before = _compiled(program(name) + "train by energy\n")
    _, rewriter = _rewritten(name, seed)
    names = rewriter.rename()
    _, after = _compiled(format_file(rewriter.file, Source("rewritten.ebm", "")))
    for one, other in zip(before.eliminations, after.eliminations, strict=True):
        assert (one.method, one.certificate) == (other.method, other.certificate)
        assert tuple(names[n] for n in one.names) == other.names
        assert one.problem is not None
        assert other.problem is not None
        assert _anonymous(one.problem) == _anonymous(other.problem)
    assert list(map(_steps, after.updates)) == list(map(_steps, before.updates))


def _anonymous(problem: Problem) -> Problem:
    facts = replace(
        problem.smooth, leading=frozenset(map(str, range(len(problem.smooth.leading))))
    )
    words = tuple(replace(r, text="", over=(), span=None) for r in problem.rough)
    met = problem.interactions and replace(problem.interactions, worst="")
    parts = tuple(replace(part, name="") for part in problem.parts)
    return replace(
        problem, latents=(), smooth=facts, rough=words, interactions=met, parts=parts
    )


def test_every_kind_of_rewrite_is_made() -> None:
    made = {
        step for seed in range(8) for name in MODELS for step in _rewritten(name, seed)[1].done
    }
    assert made == {"expression", "inline", "introduce", "split", "merge"}


def test_a_different_energy_is_a_different_node() -> None:
    text = program("sparse_coding") + "train by energy\n"
    _, before = _compiled(text)
    _, after = _compiled(text.replace("0.5 * l1(z)", "0.25 * l1(z)"))
    assert after.energy is not before.energy
    assert {each.op for each in walk(before.energy)} >= {Op.ADD, Op.MATMUL, Op.CALL}
