"""Derivatives against torch's own Jacobians and Hessians, and differentiated once more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.autograd.functional import hessian, jacobian

from ebmdsl.concepts.facts import Curvature
from ebmdsl.expr.prove import prove
from ebmdsl.lower.derivatives import Axes, derivative
from ebmdsl.lower.energy import evaluate
from tests.check.programs import term
from tests.lower.programs import module, samples

Values = dict[str, Tensor]
HEAD = """model m
observed y : real[4]
observed x[t in 0..2] : real[3]
random v : real[4] ~ normal(0, 1)
param W : real[5, 4]
param A : real[3, 3]
encoder h = tanh(W @ y)
let bend[t] = sum(tanh(A @ x[t]))
cost e = sq(h) + sq(y)^2 / 8
cost steps = sum[t](bend[t]) * sum(h)
"""
BATCH = 5


def values() -> Values:
    """Draw a value for every variable of the program."""
    return {
        "y": samples(BATCH, 4),
        "x": samples(BATCH, 3, 3, seed=2),
        "v": samples(BATCH, 4, seed=3),
        "W": samples(5, 4, seed=4) / 2,
        "A": samples(3, 3, seed=5) / 2,
    }


def _energy(y: Tensor, w: Tensor) -> Tensor:
    return torch.tanh(w @ y).square().sum() + y.square().sum() ** 2 / 8


def _code(y: Tensor, w: Tensor) -> Tensor:
    return torch.tanh(w @ y)


def _bends(x: Tensor, a: Tensor) -> Tensor:
    return torch.tanh(x @ a.T).sum(-1)


def _each(f: Callable[[int], Any]) -> Tensor:
    return torch.stack([f(i) for i in range(BATCH)])


def _slope(v: Values, i: int) -> Tensor:
    found: Any = jacobian(lambda y: _energy(y, v["W"]), v["y"][i])
    return found


def _laplacian(v: Values, i: int) -> Tensor:
    found: Any = hessian(lambda y: _energy(y, v["W"]), v["y"][i])
    return found.trace()


def _jacobian(v: Values, i: int) -> Tensor:
    found: Any = jacobian(lambda y: _code(y, v["W"]), v["y"][i])
    return found


def _curved(v: Values, i: int) -> Tensor:
    found: Any = hessian(lambda y: _energy(y, v["W"]), v["y"][i])
    return found @ v["v"][i]


def _of_weights(v: Values, i: int) -> Tensor:
    found: Any = jacobian(lambda w: _energy(v["y"][i], w), v["W"])
    return found


def _of_plates(v: Values, i: int) -> Tensor:
    found: Any = jacobian(lambda x: _bends(x, v["A"]), v["x"][i])
    return found.square().sum((1, 2))


def _bent_plates(v: Values, i: int) -> Tensor:
    return torch.stack(
        [_second(lambda x, t=t: _bends(x, v["A"])[t], v["x"][i]) for t in range(3)]
    )


def _second(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    found: Any = hessian(f, x)
    return found.reshape(x.numel(), x.numel()).trace()


CASES: list[tuple[str, Callable[[Values, int], Tensor]]] = [
    ("sum(grad(e, y) * v)", lambda v, i: _slope(v, i) @ v["v"][i]),
    ("laplacian(e, y)", _laplacian),
    ("jacobian_norm(h, y)", lambda v, i: _jacobian(v, i).square().sum()),
    ("jacobian_norm(e, y)", lambda v, i: _slope(v, i).square().sum()),
    ("sq(jvp(h, y, v))", lambda v, i: (_jacobian(v, i) @ v["v"][i]).square().sum()),
    ("sq(jvp(grad(e, y), y, v))", lambda v, i: _curved(v, i).square().sum()),
    ("sq(grad(e, W))", lambda v, i: _of_weights(v, i).square().sum()),
    ("sum[t](jacobian_norm(bend[t], x)^2)", lambda v, i: _of_plates(v, i).square().sum()),
    ("sum[t](laplacian(bend[t], x)^2)", lambda v, i: _bent_plates(v, i).square().sum()),
    ("sum[t](sq(grad(bend[t], x))^2)", lambda v, i: _of_plates(v, i).square().sum()),
]


@pytest.mark.parametrize(("expr", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_derivative_has_its_value(
    expr: str, expected: Callable[[Values, int], Tensor]
) -> None:
    node, held = term(f"{HEAD}loss l = {expr}\n", "l").node, values()
    torch.testing.assert_close(evaluate(node, held), _each(lambda i: expected(held, i)))


@pytest.mark.parametrize("expr", [case[0] for case in CASES])
def test_a_derivative_is_differentiated_again(expr: str) -> None:
    node, held = term(f"{HEAD}loss l = {expr}\n", "l").node, values()

    def loss(w: Tensor, a: Tensor, y: Tensor) -> Tensor:
        return evaluate(node, {**held, "W": w, "A": a, "y": y}).sum()

    inputs = tuple(held[name].clone().requires_grad_() for name in ("W", "A", "y"))
    assert torch.autograd.gradcheck(loss, inputs, atol=1e-7)


def test_a_derivative_of_a_net_at_another_value() -> None:
    body = "net f = linear(6) |> silu |> linear(2)\nloss l = jacobian_norm(f, 2 * y)\n"
    made = module(f"model m\nobserved y : real[4]\n{body}cost e = sq(y - sum(f(y)))\n")
    node = next(each.node for each in made.plan.model.terms if each.name == "l")
    y = samples(3, 4)
    w = made.weights

    def f(y: Tensor) -> Tensor:
        first = torch.nn.functional.linear(y, w["f.linear.weight"], w["f.linear.bias"])
        inner = torch.nn.functional.silu(first)
        return torch.nn.functional.linear(inner, w["f.linear_2.weight"], w["f.linear_2.bias"])

    columns: Any = [jacobian(f, 2 * one) for one in y]
    expected = torch.stack([each.square().sum() for each in columns])
    torch.testing.assert_close(made.evaluate(node, {"y": y}), expected)


def test_no_other_word_is_a_derivative() -> None:
    axes = Axes(True, True, (), inside=(), entries=(2,))
    with pytest.raises(ValueError, match="`curl` is no derivative"):
        derivative("curl", lambda x: x.sum(1), x=samples(3, 2), axes=axes)


def test_a_derivative_of_f_without_latents_is_that_of_the_energy() -> None:
    head = "model m\nobserved y : real[3]\nparam W : real[3, 3]\ncost e = sum(tanh(W @ y))\n"
    loss = "sq(grad(F, y)) / 2 - laplacian(F, y)"
    made = module(f"{head}train by minimize({loss}) with sgd(0.1)\n")
    y, w = samples(6, 3), made.weights["W"]
    update = made.plan.updates[0]
    found = made.objective(update, {"y": y}, result=made.solve({"y": y}))
    steep = 1 - torch.tanh(y @ w.T).square()
    slope = steep @ w
    bend = (-2 * torch.tanh(y @ w.T) * steep) @ w.square().sum(1)
    torch.testing.assert_close(found, (slope.square().sum(1) / 2 - bend).mean())
    torch.autograd.grad(found, w)


def test_a_squared_jacobian_is_proved_a_convex_quadratic_where_it_is_one() -> None:
    node = term(f"{HEAD}loss l = jacobian_norm(W @ y, y)\n", "l").node
    facts, held = prove(node, frozenset({"W"})), values()
    assert (facts.degree, facts.curvature, facts.low) == (2, Curvature.CONVEX, 0)
    doubled = evaluate(node, {**held, "W": 2 * held["W"]})
    torch.testing.assert_close(doubled, 4 * evaluate(node, held))
    bent = term(f"{HEAD}loss l = jacobian_norm(h, y)\n", "l").node
    assert prove(bent, frozenset({"W"})).degree is None


def test_score_matching_of_a_gaussian_finds_its_precision() -> None:
    """The optimum of J is the inverse covariance of the samples, Hyvärinen 2005, section 3."""
    text = """model gaussian(d = 5)
    observed y : real[d]
    param m : real[d]
    param R : real[d, d]
    cost bowl = sq(R @ (y - m)) / 2
    train by score_matching(exact) with lbfgs
    """
    made = module(text)
    mix = samples(5, 5, seed=7) + 2 * torch.eye(5, dtype=torch.float64)
    y = samples(400, 5, seed=8) @ mix.T + samples(5, seed=9)
    update = made.plan.updates[0]
    weights = list(made.parameters())
    moved = torch.optim.LBFGS(weights, max_iter=400, line_search_fn="strong_wolfe")
    moved.param_groups[0].update(tolerance_grad=1e-12, tolerance_change=1e-16)

    def loss() -> Tensor:
        moved.zero_grad()
        value = made.objective(update, {"y": y}, result=made.solve({"y": y}))
        value.backward()
        return value.detach()

    for _ in range(3):
        moved.step(loss)
    found = (made.weights["R"].T @ made.weights["R"]).detach()
    expected = torch.linalg.inv(torch.cov(y.T, correction=0))
    assert float((found - expected).norm() / expected.norm()) < 1e-5
    torch.testing.assert_close(made.weights["m"].detach(), y.mean(0), atol=1e-5, rtol=1e-5)


def test_directions_of_slices_have_the_mean_of_the_laplacian() -> None:
    node = term(f"{HEAD}loss l = dot(v, jvp(grad(e, y), y, v))\n", "l").node
    exact = term(f"{HEAD}loss l = laplacian(e, y)\n", "l").node
    held, count = values(), 10_000
    many = {"y": held["y"][:1].expand(count, -1), "W": held["W"]}
    spins = samples(count, 4, seed=11).sign()
    found = evaluate(node, {**many, "v": spins})
    error = found.std() / count**0.5
    assert abs(float(found.mean() - evaluate(exact, held)[0])) < 3 * float(error)
