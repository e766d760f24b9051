"""The laws of optimizers and schedules: torch's own paths, and exact functions of the step."""

from __future__ import annotations

from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Optimizer, Schedule
from tests.laws.cases import generator


class Stepwise:
    """torch's L-BFGS, one iteration a step, on gradients that are already there."""

    def __init__(self, parameters: Any) -> None:
        self.inner = torch.optim.LBFGS(
            parameters,
            lr=0.5,
            max_iter=1,
            history_size=10,
            tolerance_grad=0,
            tolerance_change=0,
        )
        self.zero_grad = self.inner.zero_grad

    def step(self) -> None:
        self.inner.step(lambda: 0.0)


OURS: dict[str, dict[str, Any]] = {
    "sgd": {"rate": 0.05},
    "adam": {"rate": 0.01, "beta1": 0.8, "beta2": 0.99},
    "lbfgs": {"rate": 0.5},
}
THEIRS: dict[str, Any] = {
    "lbfgs": Stepwise,
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99), foreach=False),
}
SCHEDULES: dict[str, dict[str, float]] = {
    "decay": {"rate": 0.5, "over": 100.0},
    "drop": {"rate": 3e-3, "after": 0.67},
    "onecycle": {"peak": 4e-3},
    "ramp": {"low": 0.0, "high": 0.5, "over": 0.1},
}


def made(kind: type[Any], word: str, options: dict[str, Any]) -> Any:
    """Return a concept with these options."""
    return cast("Any", find(kind, word))(**options)


def path(build: Any, steps: int = 50) -> Tensor:
    """Descend a badly conditioned quadratic from a fixed start."""
    start = torch.randn(5, generator=generator(), dtype=torch.float64)
    w = nn.Parameter(start)
    scales = torch.logspace(-1, 1, 5, dtype=torch.float64)
    optimizer = build([w])
    visited: list[Tensor] = []
    for _ in range(steps):
        optimizer.zero_grad()
        (scales * w.square()).sum().backward()
        optimizer.step()
        visited.append(w.detach().clone())
    return torch.stack(visited)


def test_every_optimizer_and_schedule_is_tried() -> None:
    assert set(words(Optimizer)) == set(OURS)
    assert set(words(Schedule)) == set(SCHEDULES)


@pytest.mark.parametrize("word", OURS)
def test_optimizers_walk_the_path_of_the_plain_ones(word: str) -> None:
    ours, theirs = path(made(Optimizer, word, OURS[word]).build), path(THEIRS[word])
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_momentum_is_kept() -> None:
    ours = path(made(Optimizer, "sgd", {"rate": 0.01, "momentum": 0.9}).build)
    theirs = path(lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9))
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


def test_the_momentum_may_be_a_schedule() -> None:
    ramp = made(Schedule, "ramp", {"low": 0.5, "high": 0.9})
    sgd = made(Optimizer, "sgd", {"rate": 0.1, "momentum": ramp})
    assert sgd.options_at(0, 10) == {"lr": 0.1, "momentum": 0.5}
    assert sgd.options_at(10, 10) == {"lr": 0.1, "momentum": 0.9}
    group = sgd.build([nn.Parameter(torch.zeros(2))]).param_groups[0]
    assert (group["momentum"], group["fused"]) == (0.5, True)


def test_quasi_newton_steps_reach_the_minimum_of_several_parameters() -> None:
    weights = [nn.Parameter(torch.ones(3, 2).double()), nn.Parameter(torch.ones(4).double())]
    optimizer = made(Optimizer, "lbfgs", {}).build(weights)
    scales = torch.logspace(0, 3, 4, dtype=torch.float64)
    for _ in range(60):
        optimizer.zero_grad()
        ((weights[0] - 2).square().sum() + (scales * (weights[1] + 1) ** 2).sum()).backward()
        optimizer.step()
    assert torch.allclose(weights[0], torch.full_like(weights[0], 2.0), atol=1e-6)
    assert torch.allclose(weights[1], torch.full_like(weights[1], -1.0), atol=1e-6)


def test_a_quasi_newton_step_without_gradients_moves_nothing() -> None:
    weight = nn.Parameter(torch.ones(2))
    optimizer = made(Optimizer, "lbfgs", {}).build([weight])
    optimizer.step()
    assert weight.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("word", OURS)
def test_the_rate_may_be_a_schedule(word: str) -> None:
    scheduled = made(Optimizer, word, {"rate": made(Schedule, "decay", SCHEDULES["decay"])})
    assert scheduled.rate_at(0, 1000) == 0.5
    assert scheduled.rate_at(100, 1000) == 0.25
    assert scheduled.build([nn.Parameter(torch.zeros(2))]).param_groups[0]["lr"] == 0.5
    assert made(Optimizer, word, {"rate": 0.1}).rate_at(7, 9) == 0.1


def test_decay_is_hyperbolic_in_steps_or_in_a_share_of_them() -> None:
    decay = made(Schedule, "decay", {"rate": 0.5, "over": 1000.0})
    assert [decay.at(t, 4000) for t in (0, 1000, 3000)] == [0.5, 0.25, 0.125]
    share = made(Schedule, "decay", {"rate": 0.5, "over": 0.25})
    assert [share.at(t, 4000) for t in (0, 1000, 3000)] == [0.5, 0.25, 0.125]


def test_a_ramp_is_a_line_that_then_stays() -> None:
    ramp = made(Schedule, "ramp", SCHEDULES["ramp"])
    assert [ramp.at(t, 1000) for t in (0, 50, 100, 999)] == [0.0, 0.25, 0.5, 0.5]
    assert made(Schedule, "ramp", {"low": 1.0, "high": 3.0}).at(5, 10) == 2.0
    assert made(Schedule, "ramp", {"low": 1.0, "high": 3.0, "over": 0.0}).at(0, 10) == 3.0


def test_a_drop_falls_once() -> None:
    share = made(Schedule, "drop", {"rate": 1.0, "after": 0.5, "factor": 0.2})
    assert [share.at(t, 10) for t in (0, 4, 5, 9)] == [1.0, 1.0, 0.2, 0.2]
    steps = made(Schedule, "drop", {"rate": 1.0, "after": 7.0})
    assert [steps.at(t, 10) for t in (6, 7)] == [1.0, 0.1]


@pytest.mark.parametrize("steps", [10, 101, 1500])
def test_one_cycle_is_the_cycle_of_torch(steps: int) -> None:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=4e-3, total_steps=steps, cycle_momentum=False
    )
    ours = made(Schedule, "onecycle", SCHEDULES["onecycle"])
    for step in range(steps):
        assert ours.at(step, steps) == pytest.approx(theirs.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        if step + 1 < steps:
            theirs.step()


@pytest.mark.parametrize("word", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_schedules_are_finite_for_any_number_of_steps(word: str, steps: int) -> None:
    each = made(Schedule, word, SCHEDULES[word])
    found = [each.at(step, steps) for step in range(steps)]
    assert all(0 <= value < 1 for value in found)
    assert found == [each.at(step, steps) for step in range(steps)]


@pytest.mark.parametrize(
    ("word", "options"),
    [
        ("sgd", {"rate": -0.1}),
        ("sgd", {"rate": 0.1, "momentum": 1.0}),
        ("adam", {"rate": 0.0}),
        ("adam", {"beta2": 1.5}),
    ],
)
def test_an_optimizer_refuses_options_that_cannot_be(
    word: str, options: dict[str, Any]
) -> None:
    optimizer: Any = find(Optimizer, word)
    with pytest.raises(ValueError, match=f"`{list(options)[-1]}`"):
        optimizer(**options)
