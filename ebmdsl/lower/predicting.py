"""`predict y by …`: observed variables found from what is known, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.concepts.sampling import sites_of
from ebmdsl.lower.clamping import clamped
from ebmdsl.lower.eliminate import RINGS
from ebmdsl.lower.elimination import Asked, settled
from ebmdsl.lower.loop import Solution, solve
from ebmdsl.lower.minima import distinct
from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.lower.objective import Objective, Smooth
from ebmdsl.lower.separate import separated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.plan.plan import Eliminate

    Values = Mapping[str, Tensor]

INNER = 0.01
JITTER = 0.01
HELD = 2**25
ROWS = 4096
_LIKE = torch.zeros((), dtype=torch.float64)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was found for observed variables, the distinct answers best first.

    `values` are [n, k, *plates, *event] by name, `energy` is F there, [n, k], infinite where
    a sample has fewer answers; `certificate`, `status` and `steps` are [n, k] as well.
    """

    values: dict[str, Tensor]
    energy: Tensor
    certificate: Tensor
    status: Tensor
    steps: Tensor

    @property
    def best(self) -> dict[str, Tensor]:
        """Return the answer of least energy of every sample, [n, *plates, *event]."""
        return {name: x[:, 0] for name, x in self.values.items()}

    @property
    def count(self) -> Tensor:
        """Return how many distinct answers each sample has, [n]."""
        return self.energy.isfinite().sum(1)


@final
class Prediction:
    """One `predict` of a plan, ready to run on samples of which some entries are unknown.

    All numbers are float64, those of the module too: entries are found once, not at every
    step of a training, and the roots of a flat energy need the precision.
    """

    def __init__(self, step: Eliminate, module: EnergyModule) -> None:
        self.step, self.module = step, module
        self._ring = RINGS[step.ring](step, module.plan.model)
        self._layout = self._ring.reduced.layout

    @torch.no_grad()
    def find(self, values: Values, unknown: Values, *, asked: Asked) -> Answers:
        """Find the entries that `unknown` marks, [n, *plates, *event]; the others stay.

        `values` hold all that is observed, given or random; unknown entries of them are not
        looked at.
        """
        n = next(iter(unknown.values())).shape[0]
        values = {
            name: x.double() if x.is_floating_point() else x for name, x in values.items()
        }
        most = self._most
        parts = [
            self._part(
                _rows(values, low, most=most), _rows(unknown, low, most=most), asked=asked
            )
            for low in range(0, max(n, 1), most)
        ]
        return parts[0] if len(parts) == 1 else _joined(parts)

    @property
    def _most(self) -> int:
        """Return how many samples are searched at once: matrices of their own need room."""
        assert self.step.problem is not None
        held = HELD // self._layout.size**2 if self.step.problem.has_matrix else ROWS
        count = 1 if self.step.starts is None else self.step.starts[2]
        return max(1, held // count)

    def _part(self, values: Values, unknown: Values, *, asked: Asked) -> Answers:
        known, free = self._known(values, unknown), self._free(unknown)
        starts = self._starts(values, known)
        n, s, d = starts.shape
        many = {name: _repeated(x, s) for name, x in values.items()}
        free, known = _repeated(free, s), _repeated(known, s)
        start = torch.where(free, starts.reshape(n * s, d), known)
        solution = self._solved(many, start, free=free, known=known, asked=asked)
        solution = replace(solution, point=torch.where(free, solution.point, known))
        return self._ranked(many, solution, shape=(n, s), asked=asked)

    def _known(self, values: Values, unknown: Values) -> Tensor:
        n = next(iter(unknown.values())).shape[0]
        whole = {
            name: values[name].double() if name in unknown else _LIKE.new_zeros(n, *axes)
            for name, axes in self._layout.parts
        }
        return self._layout.join(whole)

    def _free(self, unknown: Values) -> Tensor:
        n = next(iter(unknown.values())).shape[0]
        whole = {
            name: unknown[name] if name in unknown else torch.ones(n, *axes, dtype=torch.bool)
            for name, axes in self._layout.parts
        }
        return self._layout.join(whole)

    def _starts(self, values: Values, known: Tensor) -> Tensor:
        """Return where the searches begin, [n, s, d]: on a line, but never just on it.

        Where the slope vanishes by symmetry, as at 0, a search would not leave.
        """
        n, d = known.shape
        if self.step.starts is None:
            live = {**self.module.weights, **values}
            start = self._ring.start(live, n, like=known)
            return start.unsqueeze(1)
        low, high, count = self.step.starts
        line = torch.linspace(low, high, count, dtype=known.dtype)
        rng = torch.Generator().manual_seed(0)
        noise = torch.randn(count, d, generator=rng, dtype=known.dtype)
        gap = (high - low) / max(count - 1, 1) or 1.0
        return (line[:, None] + JITTER * gap * noise).expand(n, count, d)

    def _solved(
        self, values: Values, start: Tensor, *, free: Tensor, known: Tensor, asked: Asked
    ) -> Solution:
        if self.step.places is not None and self.step.ring == "minimize":
            return self._apart(values, free)
        objective = self._objective(values, start, asked=asked)
        held = clamped(replace(objective, by_slope=True), free=free, known=known)
        if self.step.ring == "minimize":
            assert self.step.solver is not None
            return solve(self.step.solver, held, start=held.clip(start), tol=asked.tol)
        marginalizer, beta = self.step.marginalizer, self.step.beta
        assert marginalizer is not None
        rng = asked.randomness.stream(f"predict {', '.join(self.step.wanted)}")
        if self.step.ring == "sample":
            return settled(marginalizer.draw(held, start, beta=beta, rng=rng))
        return settled(marginalizer.marginal(held, start, beta=beta, rng=rng).mean)

    def _apart(self, values: Values, free: Tensor) -> Solution:
        """Find the places of a sequence one by one, all at once."""
        (name,), (_, axes) = self.step.names, self._layout.parts[0]
        declared = self.module.plan.model.find(name)
        assert declared is not None
        assert self.step.places is not None
        (site,) = sites_of(declared.quantity.domain, declared.shape)
        states = site.values.reshape(-1, *declared.shape)
        known = {**self.module.weights, **values}
        marks = free.reshape(-1, *axes)
        return separated(self.step.places, known, name=name, free=marks, states=states)

    def _objective(self, values: Values, start: Tensor, *, asked: Asked) -> Objective:
        live = {**self.module.weights, **values}
        if not self.step.inside:
            return self._ring.reduced.objective(live, start)
        return self._ring.reduced.around(self._free_energy(values, asked), live, like=start)

    def _free_energy(self, values: Values, asked: Asked) -> Smooth:
        """Return F as a function of what is predicted, the latents found at every point."""
        names = tuple(name for name in values if name not in self.step.names)
        inner = Asked(INNER * asked.tol, asked.randomness)

        def energy(z: Tensor, *data: Tensor) -> Tensor:
            given = dict(zip(names, data, strict=True)) | self._layout.split(z)
            return self.module.solve(given, tol=inner.tol, randomness=inner.randomness).value

        def slope(z: Tensor, *data: Tensor) -> Tensor:
            with torch.enable_grad():
                point = z.detach().requires_grad_()
                total = energy(point, *data).sum()
                return torch.autograd.grad(total, point)[0]

        return Smooth(energy, tuple(values[name] for name in names), slope)

    def _ranked(
        self, values: Values, solution: Solution, *, shape: tuple[int, int], asked: Asked
    ) -> Answers:
        """Evaluate F at every answer and keep the distinct ones."""
        found = self._layout.split(solution.point)
        wanted = {name: found[name] for name in self.step.wanted}
        at = self.module.solve({**values, **wanted}, tol=asked.tol, randomness=asked.randomness)
        n, s = shape
        points = torch.cat([x.flatten(1).unflatten(0, shape) for x in wanted.values()], -1)
        energy = at.value.reshape(n, s).double()
        status = torch.maximum(solution.status, at.status).reshape(n, s)
        rank = distinct(points, energy, proved=status == 0)
        return Answers(
            {name: rank.pick(x.unflatten(0, shape)) for name, x in wanted.items()},
            torch.where(rank.kept, rank.pick(energy), torch.inf),
            rank.pick(solution.certificate.reshape(n, s)),
            rank.pick(status),
            rank.pick(solution.steps.reshape(n, s)),
        )


def _rows(values: Values, low: int, *, most: int) -> dict[str, Tensor]:
    return {name: x[low : low + most] for name, x in values.items()}


def _repeated(x: Tensor, times: int) -> Tensor:
    return x if times == 1 else x.repeat_interleave(times, 0)


def _joined(parts: list[Answers]) -> Answers:
    """Put the samples of several parts together; all get as many places as the most have."""
    most = max(part.energy.shape[1] for part in parts)

    def column(read: Any) -> Tensor:
        return torch.cat([_padded(read(part), most) for part in parts])

    return Answers(
        {name: column(lambda one, n=name: one.values[n]) for name in parts[0].values},
        torch.cat([_padded(part.energy, most, fill=torch.inf) for part in parts]),
        column(lambda one: one.certificate),
        column(lambda one: one.status),
        column(lambda one: one.steps),
    )


def _padded(x: Tensor, most: int, *, fill: float | None = None) -> Tensor:
    """Repeat the first answer (or `fill`) until there are `most`."""
    missing = most - x.shape[1]
    rest = x[:, :1].expand(x.shape[0], missing, *x.shape[2:])
    return torch.cat([x, rest if fill is None else torch.full_like(rest, fill)], 1)


def widened(module: EnergyModule) -> EnergyModule:
    """Return a copy of a module in float64, with nothing to learn in it."""
    wide = lower(module.plan, dtype=torch.float64)
    wide.load_state_dict(module.state_dict())
    for name, x in module.constants.items():
        wide.constants[name] = x.double() if x.is_floating_point() else x
    wide.outside = module.outside
    return wide.requires_grad_(requires_grad=False)
