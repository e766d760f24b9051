"""One cut through everything: leading shapes, plates, tracing, noise, whole graphs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch._dynamo import reset
from torch._dynamo.testing import CompileCounter

from ebmdsl.concepts.sampling import Noise
from ebmdsl.lower.gradients import slope_of
from ebmdsl.lower.latents import Reduced
from ebmdsl.lower.unrolling import unrolled
from ebmdsl.std.samplers.langevin import Langevin
from ebmdsl.std.solvers.fista import Fista
from tests.lower.programs import CURVED, LAGS, SPARSE, module, samples


@pytest.mark.parametrize(
    ("text", "event"), [(SPARSE, (8,)), (CURVED, (6,)), (LAGS, (6, 2))], ids=str
)
def test_leading_shapes_agree(text: str, event: tuple[int, ...]) -> None:
    model = module(text)
    y = samples(6, *event)
    flat = model.solve({"y": y}, tol=1e-9)
    grid = model.solve({"y": y.reshape(2, 3, *event)}, tol=1e-9)
    one = model.solve({"y": y[4]}, tol=1e-9)
    assert grid.value.shape == (2, 3)
    assert one.value.shape == ()
    torch.testing.assert_close(grid.value.reshape(6), flat.value)
    torch.testing.assert_close(one.value, flat.value[4])
    for name, found in one.assignment.items():
        torch.testing.assert_close(found, flat.assignment[name][4])


def test_two_lags_of_a_plate_reach_the_minimum() -> None:
    model = module(LAGS)
    y = samples(4, 6, 2)
    found = model.solve({"y": y}, tol=1e-10)
    s = found.assignment["s"].clone().requires_grad_()
    (slope,) = torch.autograd.grad(model.energy({"y": y, "s": s}).sum(), s)
    assert slope.abs().max() < 1e-9


def test_slope_is_traced_with_a_symbolic_batch_and_differentiates_again() -> None:
    model = module(CURVED)
    reduced = Reduced(model.plan.eliminations[0], model.plan.model)
    weight = model.get_parameter("W")
    smooth = model.plan.eliminations[0].smooth
    assert smooth is not None

    def energy(z: Any, y: Any, w: Any) -> Any:
        return reduced.energy(smooth, {"W": w})(z, y)

    slope = slope_of(energy, samples(2, 3), data=(samples(2, 6),), fixed=(weight,))
    for n in (1, 7):
        z, y = samples(n, 3), samples(n, 6)
        expected = torch.func.grad(lambda z, y=y: energy(z, y, weight).sum())(z)
        torch.testing.assert_close(slope(z, y, weight), expected)
    z, y = samples(3, 3), samples(3, 6)
    fixed = weight.detach().requires_grad_()
    assert torch.autograd.gradcheck(lambda z, w: slope(z, y, w), (z.requires_grad_(), fixed))


def test_a_langevin_step_takes_its_noise_from_outside() -> None:
    model = module(CURVED)
    values = {"y": samples(5, 6), "W": model.get_parameter("W").detach()}
    z, noise = samples(5, 3), samples(5, 3, seed=9)
    objective = Reduced(model.plan.eliminations[0], model.plan.model).objective(values, z)
    kernel = Langevin(rate=0.1, temperature=0.5)
    chain, drawn = kernel.start(objective, z), Noise(noise, noise[:, :0])
    moved = kernel.step(objective, chain, noise=drawn).z
    slope = torch.func.grad(lambda z: objective.smooth(z).sum())(z)
    torch.testing.assert_close(moved, z - 0.1 * slope + 0.1**0.5 * noise)
    assert torch.equal(moved, kernel.step(objective, chain, noise=drawn).z)


@pytest.mark.filterwarnings("ignore")
def test_a_whole_solver_loop_is_one_graph() -> None:
    model = module(SPARSE)
    y = samples(4, 8)
    values = {"y": y, "W": model.get_parameter("W").detach()}
    start = torch.zeros(4, 12, dtype=torch.float64)
    reduced = Reduced(model.plan.eliminations[0], model.plan.model)
    objective = reduced.objective(values, start)
    counter, solver = CompileCounter(), Fista()

    def run(z: Any) -> Any:
        return unrolled(solver, objective, start=z, steps=5)

    reset()
    compiled = torch.compile(run, backend=counter, fullgraph=True)
    torch.testing.assert_close(compiled(start), run(start))
    assert counter.frame_count == 1


@pytest.mark.filterwarnings("ignore")
def test_a_langevin_step_is_one_graph() -> None:
    model = module(CURVED)
    values = {"y": samples(5, 6), "W": model.get_parameter("W").detach()}
    z, noise = samples(5, 3), samples(5, 3, seed=9)
    objective = Reduced(model.plan.eliminations[0], model.plan.model).objective(values, z)
    counter, kernel = CompileCounter(), Langevin()

    def step(z: Any, noise: Any) -> Any:
        chain = kernel.start(objective, z)
        return kernel.step(objective, chain, noise=Noise(noise, noise[:, :0])).z

    reset()
    compiled = torch.compile(step, backend=counter, fullgraph=True)
    torch.testing.assert_close(compiled(z, noise), step(z, noise))
    assert counter.frame_count == 1
