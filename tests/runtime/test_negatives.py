"""Contrastive points: where they come from, and what losses make of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.module import EnergyModule
from ebmdsl.lower.points import named
from ebmdsl.lower.seed import Randomness
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.negatives import Negatives, other_rows, some_rows
from ebmdsl.runtime.samples import Samples
from ebmdsl.runtime.states import States
from tests.lower.programs import module, samples

FLAT = """model flat
given x : real[3]
observed y : real[2]
net f = linear(4) |> silu |> linear(1)
cost height = f(y) + dot(x, x) * sq(y)
cost wall = sq(y)
"""
BITS = """model bits
observed y : binary[5]
param J : real[5, 5] with symmetric, zero_diag
param b : real[5]
cost pairs = -(y @ J @ y) / 2
cost bias = -dot(b, y)
"""
GAUSS = """model gauss
observed y : real[2]
param m : real[2]
cost far = sq(y - m) / 2
"""

NEAR = "train by minimize(mean[j](F(yn[j])))"
ONE = "train by minimize(F - F(yn))"


class Run:
    """A module with its states and its contrastive points, on samples that are at hand."""

    def __init__(self, text: str, **given: Tensor) -> None:
        self.module: EnergyModule = module(text)
        self.values = dict(given)
        self.count = len(next(iter(given.values())))
        held = Samples(self.values, {}, self.count)
        self.states = States(self.module)
        self.states.fill(held)
        self.negatives = Negatives(self.module, self.states, samples=held)

    def find(self, step: int = 0) -> dict[str, Tensor]:
        """Draw the points of one step."""
        values = self.known()
        rows = torch.arange(self.count)
        return self.negatives.find(values, rows=rows, randomness=Randomness(0, step))

    def known(self) -> dict[str, Tensor]:
        """Return what is known at the samples."""
        return {**self.values, **named(self.module.solve(self.values, tol=1e-12))}

    def loss(self, points: dict[str, Tensor]) -> Tensor:
        """Return the loss of the first player."""
        result = self.module.solve(self.values, tol=1e-12)
        (update, *_) = self.module.plan.updates
        return self.module.objective(update, {**self.values, **points}, result=result)


def bits(n: int, seed: int = 3) -> Tensor:
    return (samples(n, 5, seed=seed) > 0).double()


def test_points_are_drawn_anew_each_step_and_constant() -> None:
    text = f"{FLAT}negative yn[j in 1..4] from normal(0, 2)\n{NEAR}"
    run = Run(text, x=samples(6, 3), y=samples(6, 2))
    first, again, later = run.find()["yn"], run.find()["yn"], run.find(1)["yn"]
    assert first.shape == (6, 4, 2)
    assert torch.equal(first, again)
    assert not torch.equal(first, later)
    assert not first.requires_grad


def test_points_that_no_loss_asks_for_are_not_drawn() -> None:
    text = f"{FLAT}negative yn[j in 1..4] from normal(0, 2)\ntrain by minimize(F)"
    assert Run(text, x=samples(6, 3), y=samples(6, 2)).find() == {}


def test_a_law_is_drawn_around_each_sample() -> None:
    text = f"{FLAT}negative yn[j in 1..500] from normal(y, 0.1)\n{NEAR}"
    run = Run(text, x=samples(3, 3), y=samples(3, 2))
    points = run.find()["yn"]
    torch.testing.assert_close(points.mean(1), run.values["y"], atol=0.03, rtol=0)
    torch.testing.assert_close(
        points.std(1), torch.full((3, 2), 0.1).double(), atol=0.02, rtol=0
    )


@pytest.mark.parametrize(("count", "batch"), [(5, 6), (2, 6), (12, 6)])
def test_others_are_never_the_sample_itself(count: int, batch: int) -> None:
    rows = other_rows(batch, count, rng=torch.Generator().manual_seed(1))
    assert rows.shape == (batch, count)
    assert not bool((rows == torch.arange(batch).unsqueeze(1)).any())
    distinct = [len(set(row.tolist())) for row in rows]
    assert distinct == [min(count, batch - 1)] * batch


def test_a_batch_of_one_has_no_others() -> None:
    with pytest.raises(RunError, match="no others"):
        other_rows(1, 3, rng=torch.Generator())


def test_entries_of_a_state_are_chosen_without_repetition() -> None:
    rng = torch.Generator().manual_seed(0)
    assert some_rows(4, 4, rng=rng).tolist() == [0, 1, 2, 3]
    assert len(set(some_rows(9, 5, rng=rng).tolist())) == 5
    with pytest.raises(RunError, match="has no 5"):
        some_rows(4, 5, rng=rng)


def test_other_samples_come_from_the_batch() -> None:
    text = f"{FLAT}negative yn[j in 1..3] from others(y)\n{NEAR}"
    run = Run(text, x=samples(4, 3), y=samples(4, 2))
    points = run.find()["yn"]
    for own, others in zip(range(4), points, strict=True):
        rest = [run.values["y"][i].tolist() for i in range(4) if i != own]
        assert sorted(others.tolist()) == sorted(rest)


def test_importance_points_have_the_mean_of_the_model() -> None:
    """A Gaussian at m, with points drawn from a wider one: the mean of the points is m."""
    text = f"{GAUSS}negative yn[j in 1..4000] from importance(normal(0, 2))\n"
    run = Run(f"{text}train by minimize(mean[j](F(yn[j])))", y=samples(2, 2))
    with torch.no_grad():
        run.module.get_parameter("m").copy_(torch.tensor([0.7, -0.4]))
    mean = run.find()["yn"].mean(1)
    expected = torch.tensor([0.7, -0.4]).double().expand(2, 2)
    torch.testing.assert_close(mean, expected, atol=0.1, rtol=0)


def test_chains_from_the_sample_see_what_it_is_conditioned_on() -> None:
    text = f"{FLAT}negative yn from langevin(start = y, steps = 400)\n{ONE}"
    x = torch.cat([torch.zeros(100, 3), 4 * torch.ones(100, 3)]).double()
    run = Run(text, x=x, y=samples(200, 2))
    points = run.find()["yn"]
    assert points.shape == (200, 2)
    assert float(points[:100].std()) > 3 * float(points[100:].std())


def test_particles_go_on_where_their_chains_end() -> None:
    text = f"""{BITS}state P = particles(7, like = y)
negative yn[j in 1..7] from gibbs(start = P, steps = 2)
train by minimize(F - mean[j](F(yn[j])))"""
    run = Run(text, y=bits(6))
    before = run.states.whole("P").clone()
    points = run.find()["yn"]
    assert points.shape == (6, 7, 5)
    assert points.stride(0) == 0
    assert torch.equal(run.states.whole("P"), before)
    run.states.write(run.values, rows=torch.arange(6))
    assert torch.equal(run.states.whole("P"), points[0])
    assert not torch.equal(points[0], before)


def test_a_chain_without_steps_stays_and_teaches_nothing() -> None:
    text = f"{BITS}negative yn from gibbs(start = y, steps = 0)\n{ONE}"
    run = Run(text, y=bits(6))
    points = run.find()
    assert torch.equal(points["yn"], run.values["y"])
    slopes = torch.autograd.grad(run.loss(points), list(run.module.parameters()))
    assert all(float(slope.abs().max()) == 0 for slope in slopes)


def test_contrastive_divergence_lowers_the_data_and_raises_the_points() -> None:
    text = f"{BITS}negative yn from gibbs(start = y, steps = 1)\n{ONE}"
    run = Run(text, y=bits(6))
    points = run.find()
    (slope,) = torch.autograd.grad(run.loss(points), [run.module.get_parameter("b")])
    torch.testing.assert_close(slope, (points["yn"] - run.values["y"]).mean(0))


def energies(made: EnergyModule, y: Tensor) -> Tensor:
    return made.solve({"y": y}).value


def flipped(y: Tensor, i: int) -> Tensor:
    turned = y.clone()
    turned[:, i] = 1 - turned[:, i]
    return turned


def differences(run: Run) -> Tensor:
    """Return F minus F at each neighbor, [n, 5]."""
    y = run.values["y"]
    here = energies(run.module, y)
    return torch.stack([here - energies(run.module, flipped(y, i)) for i in range(5)], 1)


def test_pseudo_likelihood_is_that_of_each_entry_given_the_others() -> None:
    run = Run(f"{BITS}train by pseudo_likelihood", y=bits(8))
    states = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 5).double()
    joint = (-energies(run.module, states)).log_softmax(0)
    total = torch.zeros(8, dtype=torch.float64)
    for i in range(5):
        rest = [k for k in range(5) if k != i]
        for at, y in enumerate(run.values["y"]):
            same = (states[:, rest] == y[rest]).all(1)
            own = same & (states[:, i] == y[i])
            total[at] -= joint[own].logsumexp(0) - joint[same].logsumexp(0)
    torch.testing.assert_close(run.loss(run.find()), total.mean())


def test_ratio_matching_is_its_formula() -> None:
    run = Run(f"{BITS}train by ratio_matching", y=bits(8))
    expected = differences(run).sigmoid().square().sum(1).mean()
    torch.testing.assert_close(run.loss(run.find()), expected)


def test_minimum_probability_flow_leaves_neighbors_out_that_are_data() -> None:
    y = torch.tensor([[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 1, 0, 0]]).double()
    negative = "negative yf[i in 0..4] from flip(y, i, unless = y)\n"
    loss = "sum[i](exp(clamp((F - F(yf[i])) / 2, high = 20)))"
    run = Run(f"{BITS}{negative}train by minimize({loss})", y=y)
    flows = (differences(run) / 2).exp()
    flows[0, 0] = flows[1, 0] = 1.0
    found = run.loss(run.find())
    torch.testing.assert_close(found, flows.sum(1).mean())
    (slope,) = torch.autograd.grad(found, [run.module.get_parameter("b")])
    assert float(slope.abs().max()) > 0


def test_the_gradient_holds_the_points_still() -> None:
    text = f"{BITS}negative yn from gibbs(start = y, steps = 1)\n"
    run = Run(f"{text}train by minimize(softplus(F - F(yn)))", y=bits(6))
    points, weight = run.find(), run.module.get_parameter("b")
    (slope,) = torch.autograd.grad(run.loss(points), [weight])
    along = samples(5, seed=9)
    ends: list[float] = []
    for size in (1e-6, -1e-6):
        with torch.no_grad():
            weight.add_(along, alpha=size)
            ends.append(float(run.loss(points)))
            weight.sub_(along, alpha=size)
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(float((slope * along).sum()), rel=1e-6)


def test_weighted_draws_estimate_the_likelihood() -> None:
    """E = |y - m|^2 / 2 in two dimensions has log Z = log 2 pi."""
    options = "negatives = importance(normal(0, 2)), particles = 20000"
    text = f"{GAUSS}train by max_likelihood({options})"
    run = Run(text, y=samples(2, 2))
    found = float(run.loss(run.find()).detach())
    exact = float(run.module.solve(run.values).value.mean().detach()) + 1.8378770664
    assert found == pytest.approx(exact, abs=0.05)


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "difference": lambda p, n: (p - n).mean(1),
    "hinge(1)": lambda p, n: (1 + p - n).clamp_min(0).mean(1),
    "log": lambda p, n: torch.nn.functional.softplus(p - n).mean(1),
    "margin(1.5)": lambda p, n: p[:, 0] + (1.5 - n).clamp_min(0).mean(1),
    "logistic": lambda p, n: torch.log1p(p[:, 0].exp()) + torch.log1p((-n).exp()).mean(1),
    "square_square(2)": lambda p, n: p[:, 0] ** 2 + ((2 - n).clamp_min(0) ** 2).mean(1),
    "square_exp(0.5)": lambda p, n: p[:, 0] ** 2 + 0.5 * (-n).exp().mean(1),
    "nll(0.5)": lambda p, n: 2 * p[:, 0] + torch.cat([-2 * p, -2 * n], 1).logsumexp(1),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_between_energies_are_their_formulas(loss: str) -> None:
    train = f"train by contrastive(negatives = normal(0, 1), loss = {loss}, count = 3)"
    run = Run(FLAT + train, x=samples(4, 3), y=samples(4, 2))
    points = run.find()
    (yn,) = points.values()
    up = [run.module.solve({**run.values, "y": yn[:, j]}).value for j in range(3)]
    down = run.module.solve(run.values).value.unsqueeze(1)
    expected = LOSSES[loss](down, torch.stack(up, 1)).mean()
    torch.testing.assert_close(run.loss(points), expected)
