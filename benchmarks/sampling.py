"""Chains beside the same chains written by hand in PyTorch: Langevin steps, contrastive draws.

`well` and `net` are 10,000 chains of 100 Langevin steps in two dimensions, `layers` draws the
hidden units of a restricted Boltzmann machine given the visible ones, and back, for a batch
of 100. What is left beyond 1 is the price of compiling from a file.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import process_time

import torch
from torch import Tensor

from ebmdsl.compilation import Compilation
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.lower.chains import Chains
from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.source.text import Source
from ebmdsl.std.samplers.gibbs import Gibbs
from ebmdsl.std.samplers.langevin import Langevin

WELL = """model well
observed y : real[2]
cost e = 2 * sq(y * y - 1)
"""
NET = """model mlp
observed y : real[2]
net f = linear(64) |> silu |> linear(64) |> silu |> linear(1)
cost height = f(y)
regularizer confine = sq(y) / 2
"""
LAYERS = """model layers
observed y : binary[784]
latent h : binary[256]
param W : real[784, 256]
param b : real[784]
param c : real[256]
cost pairs = -(y @ W @ h)
cost bias = -dot(b, y) - dot(c, h)
infer h by marginalize
"""
STEPS, RATE, ROUNDS = 100, 0.005, 5
LIMIT = 2.0

Run = Callable[[], object]


def made(text: str) -> EnergyModule:
    """Return the module of a program, with random parameters."""
    plan = Compilation(Source("benchmark.ebm", text)).plan
    assert plan is not None
    module = lower(plan)
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn(weight.shape, generator=rng) / max(weight.shape[-1], 1))
    return module


def compiled(module: EnergyModule, sampler: Sampler, start: Tensor) -> Run:
    """Return the walk of compiled chains."""
    chains, rng = Chains(module), torch.Generator().manual_seed(1)
    return lambda: chains.walk(sampler, start={"y": start}, values={}, rng=rng)


def langevin_by_hand(energy: Callable[[Tensor], Tensor], start: Tensor) -> Run:
    """Write the Langevin steps as a lecture would."""

    def run() -> Tensor:
        z = start.clone()
        for _ in range(STEPS):
            z.requires_grad_()
            (slope,) = torch.autograd.grad(energy(z).sum(), z)
            z = z.detach() - RATE * slope + (2 * RATE) ** 0.5 * torch.randn(z.shape)
        return z

    return run


def layers_by_hand(module: EnergyModule, start: Tensor) -> Run:
    """Draw both layers as a lecture would."""
    weights = {name: weight.detach() for name, weight in module.named_parameters()}
    w, b, c = weights["W"], weights["b"], weights["c"]

    def run() -> Tensor:
        hidden = torch.bernoulli(torch.sigmoid(start @ w + c))
        return torch.bernoulli(torch.sigmoid(hidden @ w.T + b))

    return run


def compare(name: str, ours: Run, *, hand: Run) -> float:
    """Time both in turn; print and return the median of the ratios."""
    ours()
    hand()
    pairs = [(_time(ours), _time(hand)) for _ in range(ROUNDS)]
    ratio = median(one / other for one, other in pairs)
    best = min(one for one, _ in pairs) * 1e3
    print(f"{name:8} {best:9.2f} ms   {ratio:5.2f} times the loop by hand")
    return ratio


def _time(run: Run) -> float:
    started = process_time()
    run()
    return process_time() - started


def main() -> int:
    """Run every comparison; fail where one is beyond the limit."""
    torch.set_num_threads(1)
    start = torch.randn(10_000, 2, generator=torch.Generator().manual_seed(2))
    langevin = Langevin(steps=STEPS, rate=RATE)
    well, net, layers = made(WELL), made(NET), made(LAYERS)
    seen = (torch.rand(100, 784, generator=torch.Generator().manual_seed(3)) < 0.3).float()
    ratios = [
        compare(
            "well",
            compiled(well, langevin, start),
            hand=langevin_by_hand(lambda z: 2 * (z * z - 1).square().sum(-1), start),
        ),
        compare(
            "net",
            compiled(net, langevin, start),
            hand=langevin_by_hand(lambda z: net.energy({"y": z}), start),
        ),
        compare(
            "layers",
            compiled(layers, Gibbs(steps=1), seen),
            hand=layers_by_hand(layers, seen),
        ),
    ]
    return int(max(ratios) > LIMIT)


if __name__ == "__main__":
    raise SystemExit(main())
