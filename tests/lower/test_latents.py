"""Latents as vectors, and the objective read off a plan."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.latents import Layout, Reduced, states_of
from tests.lower.programs import LAGS, MIXTURE, SPARSE, UNITS, module, samples


def test_a_layout_splits_and_joins() -> None:
    layout = Layout((("a", (3,)), ("b", (2, 2))))
    z = samples(5, 7)
    parts = layout.split(z)
    assert {name: x.shape for name, x in parts.items()} == {"a": (5, 3), "b": (5, 2, 2)}
    assert layout.size == 7
    torch.testing.assert_close(layout.join(parts), z)


@pytest.mark.parametrize(("text", "shape"), [(SPARSE, (8,)), (LAGS, (6, 2))])
def test_the_objective_is_the_energy(text: str, shape: tuple[int, ...]) -> None:
    model = module(text)
    reduced = Reduced(model.plan.eliminations[0], model.plan.model)
    y, z = samples(4, *shape), samples(4, reduced.layout.size, seed=5)
    values = {"y": y, **{name: x.detach() for name, x in model.weights.items()}}
    objective = reduced.objective(values, z)
    energy = model.energy({"y": y, **reduced.layout.split(z)}).detach()
    torch.testing.assert_close(objective.value(z), energy)


def test_a_matrix_is_kept_until_a_parameter_changes() -> None:
    model = module(SPARSE)
    reduced = Reduced(model.plan.eliminations[0], model.plan.model)
    weight = model.get_parameter("W").detach()
    values, like = {"y": samples(4, 8), "W": weight}, samples(4, 12)
    first = reduced.objective(values, like).quadratic
    again = reduced.objective(values, like).quadratic
    weight.mul_(2)
    after = reduced.objective(values, like).quadratic
    assert first is not None
    assert again is not None
    assert after is not None
    assert first.hessian is again.hessian
    torch.testing.assert_close(after.hessian.tensor, 4 * first.hessian.tensor)


@pytest.mark.parametrize(
    ("text", "name", "count"), [(MIXTURE, "z", 4), (UNITS, "h", 32)], ids=["onehot", "binary"]
)
def test_states_are_all_different_and_allowed(text: str, name: str, count: int) -> None:
    model = module(text).plan.model
    states = states_of(model, (name,), like=samples(1, 1))
    assert len(states.points.unique(dim=0)) == len(states.points) == count
    assert states.axes == (name == "z")
