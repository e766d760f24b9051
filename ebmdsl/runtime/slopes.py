"""Gradients of a program against finite differences, on its own data: every way there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast, final

import torch

from ebmdsl._record import record
from ebmdsl.concepts.problem import Course
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.minimizing import Minimizing
from ebmdsl.lower.seed import Randomness
from ebmdsl.plan.gradient import MODES, refusal_of_mode

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.lower.elimination import Values
    from ebmdsl.plan.plan import Eliminate
    from ebmdsl.runtime.start import Start

    Answer = Callable[[Values], Tensor]
    Weights = dict[str, Tensor]

Verdict = Literal["agrees", "approximate", "disagrees", "does not apply"]
SAMPLES = 8
DIRECTIONS = 2
STEPS = (1e-4, 1e-5)
TOLERANCE = 1e-5
CLOSE, LOOSE, SEARCHED = 1e-10, 1e-4, 1e-2
SEARCH, SLOPE = 1e-11, 1e-5
ROUNDS = 4


@final
@record
class Compared:
    """One way to a gradient: of what, how far from differences at most, and what that says."""

    of: str
    mode: str
    verdict: Verdict
    difference: float | None = None
    reason: str = ""


def compare(start: Start, *, count: int = SAMPLES) -> tuple[Compared, ...]:
    """Compare gradients of F and of what is found with central differences.

    The parameters are the initial ones, moved along random directions; the samples are the
    first of the training split. A difference is relative to the largest derivative.
    """
    state = _State(start, count)
    rows = [_of_free_energy(state)] if state.weights else []
    for ring in start.module.inference.eliminations.steps:
        if isinstance(ring, Minimizing) and state.weights:
            rows += _of_latents(state, ring)
    return tuple(rows)


@final
class _State:
    """Some samples with all that the latents of a program depend on."""

    def __init__(self, start: Start, count: int) -> None:
        self.module = start.module
        rows = torch.arange(min(count, start.samples.count))
        self.values = start.samples.rows(rows) | start.sources.noise(len(rows), step=0)
        self.values |= start.states.rows(rows)
        self.asked = Asked(_fineness(start), Randomness(start.settings.seed))
        self.samples = len(rows)
        self.weights: Weights = dict(start.module.named_parameters())
        with torch.no_grad():
            self.result = start.module.asked(self.values, self.asked)

    def known(self) -> dict[str, Tensor]:
        """Return everything by name, what was found among it."""
        return {**self.module.weights, **self.values, **self.result.assignment}

    def directions(self, names: list[str]) -> Iterator[Weights]:
        """Draw directions in which the parameters move."""
        rng = torch.Generator().manual_seed(17)
        for _ in range(DIRECTIONS):
            drawn = {n: torch.randn(self.weights[n].shape, generator=rng) for n in names}
            yield {n: x.to(self.weights[n].dtype) for n, x in drawn.items()}


def _fineness(start: Start) -> float:
    """Return how well latents are found: a slope that values are searched by has half as many
    digits as a duality gap.
    """
    problems = [step.problem for step in start.plan.eliminations]
    return SEARCH if all(each is None or each.has_matrix for each in problems) else SLOPE


def _of_free_energy(state: _State) -> Compared:
    """Compare the gradient of F, summed over the samples."""
    steps = state.module.plan.eliminations
    mode = "constant" if any(step.ring == "minimize" for step in steps) else "itself"
    if any(step.ring == "sample" for step in steps):
        reason = "of F only the gradient is known"
        return Compared("F", mode, "does not apply", reason=reason)

    def total(values: Values) -> Tensor:
        del values
        return state.module.asked(state.values, state.asked).value.sum()

    found = _difference(state, total, exact=total, names=list(state.weights))
    if any(step.ring == "minimize" and not step.exact for step in steps):
        reason = "F is not least at what is found: the usual alternation"
        return Compared("F", mode, _soft(found), found, reason)
    return Compared("F", mode, _hard(found), found)


def _of_latents(state: _State, ring: Minimizing) -> Iterator[Compared]:
    """Compare the ways to differentiate what one step finds."""
    of = ", ".join(ring.step.names)
    for mode in MODES:
        refused = _refused(ring.step, mode)
        if refused:
            yield Compared(of, mode, "does not apply", reason=refused)
            continue
        yield _of_mode(state, Minimizing(replace(ring.step, gradient=mode), ring.model), of=of)


def _refused(step: Eliminate, mode: str) -> str:
    assert step.problem is not None
    assert step.solver is not None
    refused = refusal_of_mode(mode, step.problem, solver=step.solver, rough=step.rough)
    return "" if refused is None else refused.reason


def _of_mode(state: _State, ring: Minimizing, *, of: str) -> Compared:
    """Compare one way with differences of the answers, or of the steps that are taken."""
    mode, like = ring.step.gradient, state.module.like
    found = ring.find(state.known(), samples=state.samples, like=like, asked=state.asked)
    point = found.point.detach()
    loose = float(found.certificate.max())
    if mode != "unroll" and not loose <= LOOSE:
        reason = f"the search ends before the minimum ({loose:.0e})"
        return Compared(of, mode, "does not apply", reason=reason)
    near = None if mode == "unroll" and not _is_searched(ring) else point
    names = [name for name in state.weights if name in _seen(ring.step)]
    if not names:
        return Compared(of, mode, "agrees", 0.0, "it depends on no parameter")
    ways = _Ways(state, ring, near)
    difference = _difference(state, ways.live, exact=ways.exact, names=names)
    if mode == "one_step":
        return Compared(of, mode, _soft(difference), difference, "one step of many")
    if mode == "unroll" and near is not None and TOLERANCE < difference <= SEARCHED:
        reason = "the search ends at its tolerance"
        return Compared(of, mode, "approximate", difference, reason)
    return Compared(of, mode, _hard(difference), difference)


@final
class _Ways:
    """A number made of an answer: as a gradient sees it, and as it is at other parameters.

    `near` is an answer from which others are polished; without it they are searched.
    """

    def __init__(self, state: _State, ring: Minimizing, near: Tensor | None) -> None:
        self.state, self.ring = state, ring
        self.near = None if near is None else _polished(ring, state.known(), point=near)

    def live(self, values: Values) -> Tensor:
        """Return it as the mode differentiates it."""
        ring, mode = self.ring, self.ring.step.gradient
        if mode == "unroll" or self.near is None:
            return self._weighed(self._found(values))
        held, objective = ring.equation(values, self.near), ring.moving(values, self.near)
        moved = held.one_step(objective) if mode == "one_step" else held.at(objective)
        return self._weighed(moved)

    def exact(self, values: Values) -> Tensor:
        """Return it at these parameters."""
        point = None if self.near is None else _polished(self.ring, values, point=self.near)
        return self._weighed(self._found(values) if point is None else point)

    def _found(self, values: Values) -> Tensor:
        like, asked = self.state.module.like, self.state.asked
        return self.ring.find(values, samples=self.state.samples, like=like, asked=asked).point

    def _weighed(self, point: Tensor) -> Tensor:
        phase = torch.arange(point.numel(), dtype=point.dtype)
        return (point.flatten() * torch.cos(1.7 * phase + 0.3)).sum()


def _is_searched(ring: Minimizing) -> bool:
    """Tell whether steps go on until the answer is proved, so that it is the minimizer."""
    solver = ring.step.solver
    return solver is not None and solver.budget.course is Course.CERTIFIED


def _seen(step: Eliminate) -> frozenset[str]:
    start = step.start.names if step.start is not None else frozenset[str]()
    return step.objective.names | start


def _polished(ring: Minimizing, values: Values, *, point: Tensor) -> Tensor | None:
    """Find the answer by Newton's method on its equation, from one nearby, to rounding."""
    if _refused(ring.step, "implicit"):
        return None
    for _ in range(ROUNDS):
        held = ring.equation(values, point)
        point = point + held.system.solve(held.moved - held.point).to(point.dtype)
    missed = (ring.equation(values, point).moved - point).abs().max()
    return point if float(missed) <= CLOSE * (1 + float(point.abs().max())) else None


def _difference(state: _State, live: Answer, *, exact: Answer, names: list[str]) -> float:
    """Return the largest difference between slopes and differences, relative to the largest.

    Of several lengths of the difference the best is taken: a longer one has curvature in it,
    a shorter one more rounding.
    """
    held = [state.weights[name] for name in names]
    with torch.enable_grad():
        found = torch.autograd.grad(live(state.known()), held, allow_unused=True)
    slopes = cast("tuple[Tensor | None, ...]", found)
    pairs: list[tuple[float, list[float]]] = []
    for along in state.directions(names):
        parts = zip(slopes, along.values(), strict=True)
        slope = sum(float((s * a).sum()) for s, a in parts if s is not None)
        pairs.append((slope, [_central(state, exact, along=along, length=h) for h in STEPS]))
    scale = max(max(abs(one) for one in found) for _, found in pairs)
    scale = max(scale, max(abs(slope) for slope, _ in pairs), 1e-12)
    return max(min(abs(slope - one) for one in found) for slope, found in pairs) / scale


@torch.no_grad()
def _central(state: _State, exact: Answer, *, along: Weights, length: float) -> float:
    """Return the difference quotient along a direction, and leave the parameters in place."""
    kept = {name: state.weights[name].detach().clone() for name in along}
    ends: list[float] = []
    for sign in (1, -1):
        for name, axis in along.items():
            state.weights[name].copy_(kept[name] + sign * length * axis)
        ends.append(float(exact(state.known())))
    for name, value in kept.items():
        state.weights[name].copy_(value)
    return (ends[0] - ends[1]) / (2 * length)


def _hard(difference: float) -> Verdict:
    return "agrees" if difference <= TOLERANCE else "disagrees"


def _soft(difference: float) -> Verdict:
    return "agrees" if difference <= TOLERANCE else "approximate"
