"""Solvers as forward code: a fixed number of their steps, differentiable in everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch.utils.checkpoint import checkpoint

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.kinds import Solver
    from ebmdsl.lower.objective import Objective


def unrolled(
    solver: Solver, objective: Objective, *, start: Tensor, steps: int, kept: int = 0
) -> Tensor:
    """Return the point after exactly these steps, [n, d].

    Nothing looks at a value, so that the steps can be traced, compiled and differentiated.
    With `kept` only every so many states are remembered for the way back, and what lies
    between is computed again: memory for about `steps / kept + kept` states.

    References: Griewank & Walther 2000, doi:10.1145/347837.347846
    """
    state = solver.init(objective, start)
    if not kept:
        return solver.solution(advanced(solver, objective, state=state, steps=steps))
    for first in range(0, steps, kept):
        count = min(kept, steps - first)
        state = _again(solver, objective, state=state, steps=count)
    return solver.solution(state)


def advanced(solver: Solver, objective: Objective, *, state: Any, steps: int) -> Any:
    """Return the state after some steps."""
    for _ in range(steps):
        state = solver.step(objective, state)
    return state


def _again(solver: Solver, objective: Objective, *, state: Any, steps: int) -> Any:
    """Take some steps of which the way back remembers the first state only."""
    kind = type(state)

    def run(*leaves: Tensor) -> tuple[Tensor, ...]:
        return tuple(advanced(solver, objective, state=kind(*leaves), steps=steps))

    return kind(*checkpoint(run, *state, use_reentrant=False, preserve_rng_state=False))
