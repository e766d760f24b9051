"""Derivatives of F are those of the minimum: its minimizers move with what they see."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.module import EnergyModule
from tests.lower.programs import module, samples

RIDGE = """model ridge
observed y : real[4]
latent z : real[3]
param W : real[4, 3]
cost recon = sq(y - W @ z) / 2
regularizer small = sq(z) / 4
infer z by minimize
train by minimize(LOSS) with sgd(0.1)
"""
PART = RIDGE.replace("by minimize\n", "by minimize(recon + small)\n").replace(
    "infer", "cost bend = sum(tanh(z)) / 3\ninfer"
)
LOSSES = {
    "slope": "sq(grad(F, y)) / 2",
    "bend": "laplacian(F, y)",
    "score": "sq(grad(F, y)) / 2 - laplacian(F, y)",
}


def _loss(model: EnergyModule, y: Tensor) -> Tensor:
    found = model.solve({"y": y}, tol=1e-13)
    return model.objective(model.plan.updates[0], {"y": y}, result=found)


def _minimum(y: Tensor, w: Tensor, *, bent: bool) -> Tensor:
    """F of one sample, at its known minimizer."""
    z = torch.linalg.inv(w.T @ w + torch.eye(3).double() / 2) @ (w.T @ y)
    rest = (y - w @ z).square().sum() / 2 + z.square().sum() / 4
    return rest + torch.tanh(z).sum() / 3 if bent else rest


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("text", [RIDGE, PART], ids=["whole", "part"])
def test_losses_of_slopes_of_a_minimum(text: str, kind: str) -> None:
    model = module(text.replace("LOSS", LOSSES[kind]))
    y, w = samples(5, 4), model.weights["W"]
    bent = text is PART

    def expected(w: Tensor) -> Tensor:
        values: list[Tensor] = []
        for one in y:

            def free(u: Tensor, w: Tensor = w) -> Tensor:
                return _minimum(u, w, bent=bent)

            slope = torch.func.grad(free)(one)
            bend = torch.func.hessian(free)(one).trace()
            parts = {"slope": slope.square().sum() / 2, "bend": bend}
            parts["score"] = parts["slope"] - bend
            values.append(parts[kind])
        return torch.stack(values).mean()

    found, wanted = _loss(model, y), expected(w)
    torch.testing.assert_close(found, wanted)
    (slope,) = torch.autograd.grad(found, w)
    (exact,) = torch.autograd.grad(wanted, w)
    torch.testing.assert_close(slope, exact, atol=1e-8, rtol=1e-6)


def test_a_sum_over_states_bends_as_it_does() -> None:
    text = """model mixture
    observed y : real[2]
    latent z : onehot[3]
    param W : real[2, 3]
    cost far = sq(y - W @ z) / 2
    infer z by marginalize
    train by minimize(sq(grad(F, y)) / 2 - laplacian(F, y)) with sgd(0.1)
    """
    model = module(text)
    y, w = samples(5, 2), model.weights["W"].detach()

    def free(u: Tensor) -> Tensor:
        return -torch.logsumexp(-(u[:, None] - w).square().sum(0) / 2, 0)

    wanted = [
        torch.func.grad(free)(one).square().sum() / 2 - torch.func.hessian(free)(one).trace()
        for one in y
    ]
    torch.testing.assert_close(_loss(model, y).detach(), torch.stack(wanted).mean())


def test_the_nearest_of_some_states_stays_what_it_is() -> None:
    text = """model means
    observed y : real[2]
    latent z : onehot[3]
    param W : real[2, 3]
    cost far = sq(y - W @ z) / 2
    infer z by minimize
    train by minimize(laplacian(F, y) + 0 * sum(W)) with sgd(0.1)
    """
    model = module(text)
    torch.testing.assert_close(_loss(model, samples(5, 2)).detach(), torch.tensor(2.0).double())
