"""`lbfgs`: quasi-Newton steps, for full batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Optimizer, Schedule

if TYPE_CHECKING:
    from torch import Tensor

LEAST = 1e-10


@final
@concept("lbfgs")
class Lbfgs(Optimizer):
    r"""Quasi-Newton steps $\theta \leftarrow \theta - \eta H g$, for full batches.

    $H$ is the inverse of the curvature, learned from the last `memory` moves and how the
    gradient turned on each. There is no line search, so that a step costs one gradient; the
    first step is no longer than $\eta$. On small batches the turns are mostly noise.

    References: Liu & Nocedal 1989, doi:10.1007/BF01589116
    """

    rate: float | Schedule = 1.0
    memory: int = 10

    def build(self, parameters: Any) -> Any:
        """Return an optimizer of torch's kind."""
        return Steps(parameters, rate=self.rate_at(0, 1), memory=self.memory)


@final
class Steps:
    """One quasi-Newton step at a time, with the interface of torch's optimizers."""

    def __init__(self, parameters: Any, *, rate: float, memory: int) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": list(parameters), "lr": rate}]
        self.memory = memory
        self.state: dict[int, dict[str, Tensor]] = {}

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for weight in self.param_groups[0]["params"]:
            weight.grad = None

    def step(self) -> None:
        """Move along the quasi-Newton direction of the gradients that are there."""
        with torch.no_grad():
            self._step()

    def state_dict(self) -> dict[str, Any]:
        """Return what is remembered of every parameter."""
        return {"state": self.state}

    def load_state_dict(self, found: dict[str, Any]) -> None:
        """Remember what was returned before."""
        self.state = {number: dict(state) for number, state in found["state"].items()}

    def _step(self) -> None:
        weights: list[Tensor] = self.param_groups[0]["params"]
        moved = [number for number, each in enumerate(weights) if each.grad is not None]
        slopes = [_slope(weights[number]) for number in moved]
        states = [self._of(number, weights[number]) for number in moved]
        if not moved:
            return
        _learn(states, slopes)
        length = self.param_groups[0]["lr"] * _first(states, slopes)
        for number, state, turned in zip(moved, states, _turned(states, slopes), strict=True):
            state["move"] = -length * turned
            weights[number] += state["move"]

    def _of(self, number: int, weight: Tensor) -> dict[str, Tensor]:
        empty = weight.new_zeros(self.memory, *weight.shape)
        fresh = {"moves": empty, "turns": empty.clone(), "move": torch.zeros_like(weight)}
        return self.state.setdefault(number, fresh)


def _slope(weight: Tensor) -> Tensor:
    assert weight.grad is not None
    return weight.grad


def _learn(states: list[dict[str, Tensor]], slopes: list[Tensor]) -> None:
    """Remember the last move and the turn on it, where the curvature is positive."""
    turns = [
        s - each["slope"] for each, s in zip(states, slopes, strict=True) if "slope" in each
    ]
    moves = [each["move"] for each in states]
    if len(turns) == len(states) and float(_dot(moves, turns)) > LEAST:
        for state, move, turn in zip(states, moves, turns, strict=True):
            state["moves"] = torch.cat([state["moves"][1:], move[None]])
            state["turns"] = torch.cat([state["turns"][1:], turn[None]])
    for state, slope in zip(states, slopes, strict=True):
        state["slope"] = slope.clone()


def _first(states: list[dict[str, Tensor]], slopes: list[Tensor]) -> float:
    """Return what shortens the first step, of which nothing is known."""
    if any(bool(each["move"].any()) for each in states):
        return 1.0
    size = float(sum(slope.abs().sum() for slope in slopes))
    return min(1.0, 1 / size) if size > 0 else 1.0


def _turned(states: list[dict[str, Tensor]], slopes: list[Tensor]) -> list[Tensor]:
    """Apply the two-loop recursion to the gradient; pairs that are still empty do nothing."""
    pairs = [
        ([each["moves"][i] for each in states], [each["turns"][i] for each in states])
        for i in range(states[0]["moves"].shape[0] if states else 0)
    ]
    pairs = [(moves, turns) for moves, turns in pairs if float(_dot(moves, turns)) > 0]
    q = slopes
    weights: list[Tensor] = []
    for moves, turns in reversed(pairs):
        weights.append(_dot(moves, q) / _dot(moves, turns))
        q = [a - weights[-1] * b for a, b in zip(q, turns, strict=True)]
    if pairs:
        moves, turns = pairs[-1]
        q = [a * (_dot(moves, turns) / _dot(turns, turns)) for a in q]
    for (moves, turns), weight in zip(pairs, reversed(weights), strict=True):
        back = weight - _dot(turns, q) / _dot(moves, turns)
        q = [a + back * b for a, b in zip(q, moves, strict=True)]
    return q


def _dot(left: list[Tensor], right: list[Tensor]) -> Tensor:
    return torch.stack([(a * b).sum() for a, b in zip(left, right, strict=True)]).sum()
