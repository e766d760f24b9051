"""A fixed number of steps as forward code."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.latents import Reduced
from ebmdsl.lower.unrolling import advanced, unrolled
from ebmdsl.std.solvers.fista import Fista
from ebmdsl.std.solvers.ista import Ista
from tests.lower.programs import SPARSE, module, samples


@pytest.mark.parametrize("kept", [0, 1, 4, 50])
def test_remembered_states_change_neither_steps_nor_slopes(kept: int) -> None:
    model, y = module(SPARSE), samples(4, 8)
    start = torch.zeros(4, 12, dtype=torch.float64)
    reduced = Reduced(model.plan.eliminations[0], model.plan.model)
    objective = reduced.objective({**model.weights, "y": y}, start, live=True)
    plain = unrolled(Fista(), objective, start=start, steps=10)
    found = unrolled(Fista(), objective, start=start, steps=10, kept=kept)
    torch.testing.assert_close(found, plain, atol=0, rtol=0)
    w = model.weights["W"]
    one = torch.autograd.grad(plain.sum(), w, retain_graph=True)[0]
    torch.testing.assert_close(torch.autograd.grad(found.sum(), w)[0], one, atol=0, rtol=0)


def test_steps_after_steps_are_more_steps() -> None:
    model, y = module(SPARSE), samples(4, 8)
    start = torch.zeros(4, 12, dtype=torch.float64)
    values = {"y": y, "W": model.weights["W"].detach()}
    reduced = Reduced(model.plan.eliminations[0], model.plan.model)
    objective, solver = reduced.objective(values, start), Ista()
    state = solver.init(objective, start)
    state = advanced(solver, objective, state=state, steps=3)
    state = advanced(solver, objective, state=state, steps=4)
    whole = unrolled(solver, objective, start=start, steps=7)
    torch.testing.assert_close(solver.solution(state), whole, atol=0, rtol=0)
