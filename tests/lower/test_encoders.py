"""An unrolled encoder that nobody trained is the solver itself."""

from __future__ import annotations

from math import prod
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.sweeps import best_entry
from ebmdsl.concepts.unrolled import Unrolled
from ebmdsl.lower import encoders
from ebmdsl.lower.encoders import StrangeMapsError, maps
from ebmdsl.lower.latents import Reduced
from ebmdsl.lower.module import EnergyModule
from ebmdsl.lower.objective import Objective
from ebmdsl.lower.unrolling import unrolled
from tests.lower.programs import module, samples

DENSE = """model dense
observed y : real[6]
latent z : DOMAIN[9]
param W : real[6, 9] with unit_columns
param b : real[6]
cost recon = sq(y - W @ z - b) / 2
TERM
net fast = unroll(z, RULE(steps = 3), learn = all)
encoder zhat = fast(y)
loss agree = sq(z - zhat)
infer z by minimize
"""
CONV = """model conv
observed y : real[2, 8, 8]
latent z : DOMAIN[3, SIDE, SIDE]
net dec = conv(2, 3, pad = PAD, bias = none) with unit_kernels
cost recon = 3 * sq(y - dec(z)) / 4
TERM
net fast = unroll(z, ista(steps = 3), learn = all)
encoder zhat = fast(y)
loss agree = sq(z - zhat)
infer z by minimize with ista
"""
TERMS = {
    "nothing": "",
    "l1": "regularizer sparse = 0.3 * l1(z)",
    "groups": "regularizer sparse = 0.3 * sum(group_l2(z, 3))",
    "l2": "regularizer short = l2(z) / 3",
    "elastic": "regularizer both = l1(z) / 4 + sq(z) / 5",
    "l0": "regularizer few = l0(z) / 20",
}


def built(text: str) -> EnergyModule:
    """Return a module whose encoder has started from the energy."""
    made = module(text, seed=4)
    (net,) = (each for each in made.plan.model.nets if each.name == "fast")
    layer = cast("Any", net.layers[0])
    with torch.no_grad():
        for name, weight in maps(layer, made.weights, like=made.like).items():
            made.get_parameter(f"fast.unroll.{name}").copy_(weight)
    return made


def code(made: EnergyModule, y: Tensor) -> Tensor:
    """Return what the encoder answers."""
    (block,) = (each for each in made.plan.model.blocks if each.name == "zhat")
    return made.evaluate(block.node, {"y": y}).detach().flatten(1)


def objective(made: EnergyModule, y: Tensor) -> tuple[Objective, Tensor]:
    """Return what the solver minimizes, and where it starts."""
    step = made.plan.eliminations[0]
    reduced = Reduced(step, made.plan.model)
    start = y.new_zeros(len(y), reduced.layout.size)
    held = {name: x.detach() for name, x in made.weights.items()}
    return reduced.objective({**held, "y": y}, start), start


def solver(word: str) -> Solver:
    """Return a solver of the catalogue."""
    made: Solver = cast("Any", find(Solver, word))()
    return made


@pytest.mark.parametrize("domain", ["real", "nonneg"])
@pytest.mark.parametrize("term", TERMS)
def test_its_answers_are_the_iterates_of_ista(term: str, domain: str) -> None:
    text = DENSE.replace("TERM", TERMS[term]).replace("DOMAIN", domain)
    made = built(text.replace("RULE", "ista"))
    y = 2 * samples(20, 6, seed=6)
    problem, start = objective(made, y)
    expected = unrolled(solver("ista"), problem, start=start, steps=4).detach()
    assert float(expected.abs().amax()) > 0.1
    torch.testing.assert_close(code(made, y), expected, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("domain", ["real", "nonneg"])
@pytest.mark.parametrize("term", ["nothing", "l1", "elastic", "l0"])
def test_its_answers_are_those_of_greedy_coordinate_descent(term: str, domain: str) -> None:
    """All but the last step, in which every entry takes the value that it wants."""
    text = DENSE.replace("TERM", TERMS[term]).replace("DOMAIN", domain)
    made = built(text.replace("RULE", "coordinate_descent").replace("steps = 3", "steps = 8"))
    y = 2 * samples(20, 6, seed=6)
    problem, z = objective(made, y)
    slope = problem.gradient(z)
    for _ in range(7):
        z, slope = best_entry(cast("Any", problem), z, slope=slope)
    assert problem.quadratic is not None
    bend = problem.quadratic.hessian.tensor.diagonal()
    wanted = problem.prox(z - problem.gradient(z) / bend, 1 / bend)
    torch.testing.assert_close(code(made, y), wanted, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize(("pad", "side"), [("valid", 10), ("same", 8), ("full", 6)])
@pytest.mark.parametrize("term", ["nothing", "l1", "elastic"])
@pytest.mark.parametrize("domain", ["real", "nonneg"])
def test_convolutions_are_the_iterates_of_ista_up_to_the_borders(
    term: str, pad: str, side: int, domain: str
) -> None:
    text = CONV.replace("TERM", TERMS[term]).replace("DOMAIN", domain)
    made = built(text.replace("SIDE", str(side)).replace("PAD", pad))
    y = 2 * samples(5, 2, 8, 8, seed=6)
    problem, start = objective(made, y)
    assert start.shape[1] == 3 * side * side
    expected = unrolled(solver("ista"), problem, start=start, steps=4).detach()
    torch.testing.assert_close(code(made, y), expected, atol=1e-8, rtol=1e-6)


def test_the_step_of_many_entries_is_found_without_their_matrix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = CONV.replace("TERM", TERMS["l1"]).replace("DOMAIN", "real")
    text = text.replace("SIDE", "10").replace("PAD", "valid")
    exact = built(text).weights["fast.unroll.up"]
    monkeypatch.setattr(encoders, "HELD", 0)
    near = built(text).weights["fast.unroll.up"]
    share = float((near / exact).mean().detach())
    assert 0.95 < share < 1


def test_what_is_no_square_of_the_convolution_is_refused() -> None:
    text = CONV.replace("TERM", "").replace("DOMAIN", "real")
    text = text.replace("SIDE", "10").replace("PAD", "valid")
    text = text.replace("3 * sq(y - dec(z)) / 4", "sq(y - dec(z)) + sum(dec(z))^2")
    with pytest.raises(StrangeMapsError, match="no square of what one convolution leaves"):
        built(text)


def test_several_things_are_seen() -> None:
    text = DENSE.replace("TERM", TERMS["l1"]).replace("DOMAIN", "real").replace("RULE", "ista")
    text = text.replace("param b", "given x : real[2, 3]\nparam V : real[6, 9]\nparam b")
    text = text.replace("TERM", "").replace(
        "net fast", "cost more = sq(reshape(x, 6) - V @ z)\nnet fast"
    )
    made = built(text.replace("fast(y)", "fast(y, x)"))
    x, y = samples(9, 2, 3, seed=3), samples(9, 6, seed=6)
    step = made.plan.eliminations[0]
    reduced = Reduced(step, made.plan.model)
    start = y.new_zeros(9, 9)
    held = {name: w.detach() for name, w in made.weights.items()}
    problem = reduced.objective({**held, "x": x, "y": y}, start)
    expected = unrolled(solver("ista"), problem, start=start, steps=4).detach()
    (block,) = (each for each in made.plan.model.blocks if each.name == "zhat")
    found = made.evaluate(block.node, {"x": x, "y": y}).detach()
    torch.testing.assert_close(found, expected, atol=1e-9, rtol=1e-9)


def test_all_weights_have_a_start() -> None:
    for text in (
        DENSE.replace("RULE", "ista"),
        CONV.replace("SIDE", "8").replace("PAD", "same"),
    ):
        made = module(text.replace("TERM", TERMS["l1"]).replace("DOMAIN", "real"))
        (net,) = (each for each in made.plan.model.nets if each.name == "fast")
        layer = cast("Any", net.layers[0])
        assert isinstance(layer, Unrolled)
        found = maps(layer, made.weights, like=made.like)
        declared = {w.name: w.shape for w in layer.weights(net.input)}
        assert {name: tuple(w.shape) for name, w in found.items()} == declared
        assert sum(prod(shape) for shape in declared.values()) > 0
