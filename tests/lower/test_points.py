"""Values at other points are what inference finds there, sample by sample."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from ebmdsl.expr.node import Node
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.inference import Inference
from ebmdsl.lower.module import EnergyModule
from ebmdsl.lower.points import named
from tests.lower.programs import module, samples

UNITS = """model units(v = 4)
observed y : real[v]
latent h : binary[3]
param W : real[4, 3]
param b : real[4]
cost interaction = -(y @ W @ h)
cost small = sq(y - b) / 2
infer h by marginalize
let g = grad(F, y)
negative yn[j in 1..3] from normal(0, 1)
negative ym[i in 1..2, j in 1..3] from normal(0, 1)
"""
CODER = """model coder(k = 5)
given x : real[2]
observed y : real[4]
latent z : real[k]
param W : real[4, k]
param V : real[k, 4]
param U : real[4, 2]
random u : real[2] ~ normal
encoder zhat = V @ y
generator fake = U @ u
cost recon = sq(y - W @ z) / 2 + sq(z) / 3
cost agree = sq(z - zhat) / 2
cost pull = dot(x, x) * sq(z) / 4
infer z by minimize
negative yn[j in 1..3] from normal(0, 1)
"""


def loss_of(text: str, loss: str) -> tuple[EnergyModule, Node]:
    made = module(f"{text}loss l = {loss}\n")
    node = next(term.node for term in made.plan.model.terms if term.name == "l")
    return made, node


def known(made: EnergyModule, values: dict[str, Tensor]) -> dict[str, Tensor]:
    found = made.solve(values, tol=1e-12)
    return {**values, **named(found)}


def evaluated(made: EnergyModule, node: Node, values: dict[str, Tensor]) -> Tensor:
    return made.evaluate(node, known(made, values), asked=Asked(tol=1e-12))


def free(made: EnergyModule, **values: Tensor) -> Tensor:
    return made.solve(values, tol=1e-12).value


def test_a_family_of_points_has_f_at_each() -> None:
    made, node = loss_of(UNITS, "sum[j](F(yn[j])^2)")
    y, yn = samples(6, 4), samples(6, 3, 4, seed=4)
    at_each = torch.stack([free(made, y=yn[:, j]) for j in range(3)], 1)
    found = evaluated(made, node, {"y": y, "yn": yn})
    torch.testing.assert_close(found, at_each.square().sum(1))


def test_plates_fold_and_unfold_in_their_order() -> None:
    made, node = loss_of(UNITS, "sum[j](mean[i](F(ym[i, j])) * F(yn[j]))")
    y, yn, ym = samples(5, 4), samples(5, 3, 4, seed=4), samples(5, 2, 3, 4, seed=5)
    many = torch.stack([free(made, y=ym[:, :, j].flatten(0, 1)) for j in range(3)], 1)
    one = torch.stack([free(made, y=yn[:, j]) for j in range(3)], 1)
    expected = (many.reshape(5, 2, 3).mean(1) * one).sum(1)
    found = evaluated(made, node, {"y": y, "yn": yn, "ym": ym})
    torch.testing.assert_close(found, expected)


def test_latents_are_found_again_and_the_rest_stays() -> None:
    made, node = loss_of(CODER, "sum[j](sq(z(y = yn[j])) + recon(y = yn[j]))")
    values = {"x": samples(5, 2), "y": samples(5, 4), "u": samples(5, 2, seed=8)}
    yn = samples(5, 3, 4, seed=4)
    found = evaluated(made, node, {**values, "yn": yn})
    expected = torch.zeros(5, dtype=torch.float64)
    for j in range(3):
        there = made.solve({**values, "y": yn[:, j]}, tol=1e-12)
        expected += there.assignment["z"].square().sum(1) + there.terms["recon"].detach()
    torch.testing.assert_close(found.detach(), expected)


def test_where_a_node_is_replaced_the_energy_is_minimized_anew() -> None:
    made, node = loss_of(CODER, "F(zhat = 0) + sum[j](0 * F(yn[j]))")
    values = {"x": samples(5, 2), "y": samples(5, 4), "u": samples(5, 2, seed=8)}
    found = evaluated(made, node, {**values, "yn": samples(5, 3, 4)})
    other = module(CODER.replace("encoder zhat = V @ y", "encoder zhat = 0 * (V @ y)"))
    torch.testing.assert_close(found, free(other, **values))


def test_f_at_a_point_moves_with_parameters_and_with_a_live_point() -> None:
    made, node = loss_of(CODER, "F(y = fake)^2")
    values = {"x": samples(4, 2), "y": samples(4, 4), "u": samples(4, 2, seed=8)}
    evaluated(made, node, values).sum().backward()
    for name in ("W", "U", "V"):
        weight = made.get_parameter(name)
        assert weight.grad is not None
        along = samples(*weight.shape, seed=3)
        ends = []
        ends += [moved_sum(made, node, values, along=size * along, name=name) for size in BOTH]
        slope = float((weight.grad * along).sum())
        assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(slope, rel=1e-6, abs=1e-8)
        assert slope != 0


BOTH = (1e-5, -1e-5)


@torch.no_grad()
def moved_sum(
    made: EnergyModule, node: Node, values: dict[str, Tensor], *, along: Tensor, name: str
) -> float:
    """Return the sum of a value where a parameter has moved."""
    made.get_parameter(name).add_(along)
    found = float(evaluated(made, node, values).sum())
    made.get_parameter(name).sub_(along)
    return found


class Counted:
    """Counts the samples at which F is asked for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.samples: list[int] = []
        find = Inference.find

        def counted(own: Inference, values: Any, **asked: Any) -> Any:
            self.samples.append(asked["samples"])
            return find(own, values, **asked)

        monkeypatch.setattr(Inference, "find", counted)


def test_points_with_the_same_values_are_solved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, node = loss_of(CODER, "F(yn[1]) * sq(z(y = yn[1])) - F(yn[1])")
    values = {"x": samples(5, 2), "y": samples(5, 4), "u": samples(5, 2, seed=8)}
    values = known(made, {**values, "yn": samples(5, 3, 4)})
    counted = Counted(monkeypatch)
    made.evaluate(node, values)
    assert counted.samples == [5]


def test_points_that_all_samples_share_are_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made, node = loss_of(UNITS, "mean[j](F(yn[j]))")
    yn = samples(1, 3, 4, seed=4)
    values = known(made, {"y": samples(6, 4), "yn": yn.expand(6, 3, 4)})
    counted = Counted(monkeypatch)
    found = made.evaluate(node, values)
    assert counted.samples == [3]
    torch.testing.assert_close(found, free(made, y=yn[0]).mean().expand(6))


def test_the_sample_itself_needs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    made, node = loss_of(UNITS, "F(y)")
    values = known(made, {"y": samples(6, 4)})
    counted = Counted(monkeypatch)
    assert made.evaluate(node, values) is values["F"]
    assert counted.samples == []


def test_a_parameter_is_replaced_for_all_samples() -> None:
    made, node = loss_of(UNITS, "F(b = 0)")
    found = evaluated(made, node, {"y": samples(6, 4)})
    with torch.no_grad():
        made.get_parameter("b").zero_()
    torch.testing.assert_close(found.detach(), free(made, y=samples(6, 4)).detach())


def test_a_slope_is_that_at_the_point() -> None:
    made, node = loss_of(UNITS, "sq(g(y = 2 * y))")
    y = samples(6, 4)
    found = evaluated(made, node, {"y": y})
    there = (2 * y).requires_grad_()
    (slope,) = torch.autograd.grad(free(made, y=there).sum(), there)
    torch.testing.assert_close(found.detach(), slope.square().sum(1))
