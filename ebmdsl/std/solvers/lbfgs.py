"""`lbfgs`: quasi-Newton steps, each sample with its own curvature and line search."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.matrices import length
from ebmdsl.concepts.problem import Accept, Budget, Course
from ebmdsl.concepts.stepping import refusal_of_smooth, safe_step

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


class State(NamedTuple):
    """Point, value, slope, direction and trial length; the last m moves, [n, m, d]."""

    z: Tensor
    value: Tensor
    slope: Tensor
    direction: Tensor
    length: Tensor
    moves: Tensor
    turns: Tensor
    inverse: Tensor


@final
@concept("lbfgs")
class Lbfgs(Solver):
    r"""Limited-memory BFGS for smooth energies, every sample by itself.

    One trial point a step: a sample whose trial satisfies the decrease condition
    $f(z + tp) \le f(z) + 10^{-4}\, t\, p^\top \nabla f$ moves and learns curvature from the
    move, any other sample shortens its trial by interpolation. For a convex energy the
    answer is the minimum, otherwise a stationary point.

    References: Liu & Nocedal 1989, doi:10.1007/BF01589116
    """

    steps: int = 1000
    tol: float | None = None
    memory: int = 10
    gradient: Literal["constant", "implicit", "unroll", "one_step"] = "constant"

    expected: ClassVar[int] = 150

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_smooth(problem, "a quasi-Newton step")
        if refusal is not None:
            return refusal
        local = (
            "" if problem.smooth.convex else "; the energy is not convex, so a local minimum"
        )
        return Accept(
            cost=self.expected * (problem.gradient + 4.0 * self.memory * problem.size),
            reason=f"about {self.expected} steps of one gradient each{local}",
            certificate=problem.certificate,
            local=not problem.convex,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        slope = objective.gradient(start)
        n, d = start.shape
        return State(
            z=start,
            value=objective.smooth(start),
            slope=slope,
            direction=-slope * safe_step(objective, start),
            length=torch.ones_like(start[:, :1]),
            moves=start.new_zeros(n, self.memory, d),
            turns=start.new_zeros(n, self.memory, d),
            inverse=start.new_zeros(n, self.memory),
        )

    def step(self, objective: Objective, state: State) -> State:
        move = state.length * state.direction
        z = state.z + move
        value, slope = objective.smooth(z), objective.gradient(z)
        descent = (move * state.slope).sum(-1)
        slack = 4 * torch.finfo(z.dtype).eps * state.value.abs()
        taken = value <= state.value + 1e-4 * descent + slack
        learned = self._learned(state, move=move, turn=slope - state.slope, taken=taken)
        direction = _direction(slope, learned[0], turns=learned[1], inverse=learned[2])
        shorter = state.length * _shrink(state.value, value, descent=descent).unsqueeze(-1)
        here = taken.unsqueeze(-1)
        return State(
            z=torch.where(here, z, state.z),
            value=torch.where(taken, value, state.value),
            slope=torch.where(here, slope, state.slope),
            direction=torch.where(here, direction, state.direction),
            length=torch.where(here, torch.ones_like(shorter), shorter),
            moves=learned[0],
            turns=learned[1],
            inverse=learned[2],
        )

    def _learned(
        self, state: State, *, move: Tensor, turn: Tensor, taken: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Append the pair of a sample that moved where it shows positive curvature."""
        curved = (move * turn).sum(-1)
        sizes = (length(move) * length(turn)).squeeze(-1)
        good = taken & (curved > 1e-7 * sizes) & (sizes > 0)
        moves = torch.cat([state.moves[:, 1:], move.unsqueeze(1)], 1)
        turns = torch.cat([state.turns[:, 1:], turn.unsqueeze(1)], 1)
        turned = 1 / torch.where(good, curved, torch.ones_like(curved))
        inverse = torch.cat([state.inverse[:, 1:], turned.unsqueeze(1)], 1)
        wide = good[:, None, None]
        return (
            torch.where(wide, moves, state.moves),
            torch.where(wide, turns, state.turns),
            torch.where(good.unsqueeze(-1), inverse, state.inverse),
        )

    def solution(self, state: State) -> Tensor:
        return state.z


def _direction(slope: Tensor, moves: Tensor, *, turns: Tensor, inverse: Tensor) -> Tensor:
    """Apply the two-loop recursion; pairs that are still empty have inverse 0."""
    q = slope
    weights: list[Tensor] = []
    for i in reversed(range(moves.shape[1])):
        weights.append(inverse[:, i : i + 1] * (moves[:, i] * q).sum(-1, keepdim=True))
        q = q - weights[-1] * turns[:, i]
    last = (turns[:, -1] ** 2).sum(-1, keepdim=True) * inverse[:, -1:]
    q = q / torch.where(last > 0, last, torch.ones_like(last))
    for i, weight in enumerate(reversed(weights)):
        back = inverse[:, i : i + 1] * (turns[:, i] * q).sum(-1, keepdim=True)
        q = q + (weight - back) * moves[:, i]
    return -q


def _shrink(before: Tensor, after: Tensor, *, descent: Tensor) -> Tensor:
    """Return the factor of a refused step: the minimum of a parabola, within [0.1, 0.5]."""
    bend = 2 * (after - before - descent)
    bent = bend.abs() > 0
    best = -descent / torch.where(bent, bend, torch.ones_like(bend))
    flat = torch.where(descent < 0, 0.5, 0.1).to(best.dtype)
    return torch.where(bent, best.nan_to_num(0.1, 0.5, 0.1), flat).clamp(0.1, 0.5)
