"""Compiled steps are the plain steps, or they are not taken, and that is said."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.compiled import Compiled
from ebmdsl.lower.module import EnergyModule
from tests.lower.programs import SPARSE, module, samples

CURVED = """model curved(d = 3)
observed y : real[6]
latent z : nonneg[d]
param W : real[6, d]
cost recon = sum(logcosh(y - W @ z))
regularizer small = sq(z) / 2
infer z by minimize with fista(steps = 2)
"""


def made(text: str, solver: str = "") -> EnergyModule:
    """Return a module in which a solver is told."""
    return module(text.replace("by minimize\n", f"by minimize {solver}\n"))


def both(model: EnergyModule, y: Tensor, compiled: Compiled) -> tuple[Any, Any]:
    """Solve twice: by plain steps, and by compiled ones."""
    plain = model.solve({"y": y}, tol=1e-6)
    model.compile_steps(compiled)
    first = model.solve({"y": y}, tol=1e-6)
    torch.testing.assert_close(first.assignment["z"], plain.assignment["z"])
    return plain, model.solve({"y": y}, tol=1e-6)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("solver", ["with fista", "with ista", "with admm"])
def test_steps_become_one_graph_and_change_nothing(solver: str) -> None:
    torch.compiler.reset()
    said: list[str] = []
    compiled = Compiled("eager", tell=said.append)
    plain, found = both(made(SPARSE, solver), samples(9, 8), compiled)
    torch.testing.assert_close(found.assignment["z"], plain.assignment["z"])
    assert torch.equal(found.steps, plain.steps)
    assert compiled.attempts
    for attempt, text in zip(compiled.attempts, said, strict=True):
        assert (attempt.graphs, attempt.reason) == (1, "")
        assert attempt.difference == pytest.approx(0, abs=1e-12)
        assert text.startswith(f"compiled 10 steps of `{solver.split()[1]}` on")


@pytest.mark.filterwarnings("ignore")
def test_steps_of_what_is_not_quadratic_become_one_graph() -> None:
    torch.compiler.reset()
    compiled, model, y = Compiled("eager"), made(CURVED), samples(9, 6)
    plain = model.solve({"y": y})
    model.compile_steps(compiled)
    for _ in range(2):
        found = model.solve({"y": y})
        torch.testing.assert_close(found.assignment["z"], plain.assignment["z"])
    assert [each.used for each in compiled.attempts] == [True] * len(compiled.attempts)
    assert compiled.attempts


@pytest.mark.filterwarnings("ignore")
def test_what_computes_something_else_is_not_taken() -> None:
    torch.compiler.reset()

    def wrong(graph: Any, example: Any) -> Any:
        del example
        return lambda *inputs: [
            x + 1e-3 if isinstance(x, Tensor) and x.is_floating_point() else x
            for x in graph.forward(*inputs)
        ]

    said: list[str] = []
    compiled = Compiled(wrong, tell=said.append)
    plain, found = both(made(SPARSE, "with fista"), samples(9, 8), compiled)
    assert torch.equal(found.assignment["z"], plain.assignment["z"])
    assert not any(each.used for each in compiled.attempts)
    assert "away from the plain ones" in said[0]


@pytest.mark.filterwarnings("ignore")
def test_a_backend_that_fails_is_reported_and_left() -> None:
    torch.compiler.reset()

    def broken(graph: Any, example: Any) -> Any:
        raise RuntimeError("no compiler here")

    said: list[str] = []
    compiled = Compiled(broken, tell=said.append)
    plain, found = both(made(SPARSE, "with fista"), samples(9, 8), compiled)
    assert torch.equal(found.assignment["z"], plain.assignment["z"])
    assert said[0].startswith("not compiled, 10 steps of `fista`")
    assert "no compiler here" in said[0]
    assert len(said) == len({*said})
