"""Find latents step by step, the outermost first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.check.model import Model
    from ebmdsl.lower.elimination import Asked, Elimination
    from ebmdsl.lower.loop import Solution

    Values = Mapping[str, Tensor]
    Found = tuple[dict[str, Tensor], list[Solution]]


@final
class Search:
    """Runs steps on samples; each knows what those before it have found.

    Where states are summed outside of other steps, those are found at every state: what is
    reported of them is their mean over the posterior of the states, or a draw.
    """

    def __init__(self, model: Model, *, like: Tensor, asked: Asked) -> None:
        self.model, self.like, self.asked = model, like, asked

    def run(self, steps: tuple[Elimination, ...], values: Values, *, samples: int) -> Found:
        """Return every latent by name, [n, …], and how each step ended."""
        found: dict[str, Tensor] = {}
        solutions: list[Solution] = []
        for at, step in enumerate(steps):
            if {*step.step.names} <= {*found}:
                continue
            known = {**values, **found}
            if not step.live:
                known = {name: x.detach() for name, x in known.items()}
            solution = step.find(known, samples=samples, like=self.like, asked=self.asked)
            solutions.append(replace(solution, names=step.step.names))
            found |= step.reduced.layout.split(solution.point)
            inner = _inside(step, steps[at + 1 :])
            if inner:
                more, ends = self._averaged(step, inner, known=known, samples=samples)
                found |= more
                solutions += ends
        return found, solutions

    @torch.no_grad()
    def _averaged(
        self,
        outer: Elimination,
        inner: tuple[Elimination, ...],
        *,
        known: Values,
        samples: int,
    ) -> Found:
        """Find latents at every state of the outer ones, and weigh the states."""
        states = outer.reduced.states(self.like).points.to(self.like)
        count = len(states)
        names = {each.name for each in self.model.declared if each.quantity.per_sample}
        rows = {
            name: x.repeat_interleave(count, 0) if name in names else x.detach()
            for name, x in known.items()
        }
        points = states.repeat(samples, 1)
        objective = outer.reduced.objective(rows, points)
        energies = (objective.smooth(points) + objective.rough(points)).reshape(-1, count)
        share = torch.softmax(-outer.beta(known) * energies, 1)
        rows |= outer.reduced.layout.split(points)
        found, ends = self.run(inner, rows, samples=samples * count)
        rng = self.asked.randomness.stream(f"state of {', '.join(outer.step.names)}")
        one = _drawn(share, torch.rand(samples, 1, generator=rng, dtype=share.dtype))
        made: dict[str, Tensor] = {}
        for step in inner:
            weight = one if step.step.ring == "sample" else share
            made |= {name: _weighed(found[name], weight) for name in step.step.names}
        return made, [_worst(end, count) for end in ends]


def _inside(step: Elimination, rest: tuple[Elimination, ...]) -> tuple[Elimination, ...]:
    """Return the steps that are nested in a sum over states, at whatever depth."""
    problem = step.step.problem
    if step.step.ring != "marginalize" or problem is None or not problem.discrete:
        return ()
    names = {*step.step.nested}
    found: list[Elimination] = []
    for each in rest:
        if names & {*each.step.names}:
            found.append(each)
            names |= {*each.step.nested}
    return tuple(found)


def _drawn(share: Tensor, uniform: Tensor) -> Tensor:
    """Return 1 for one state of every sample, drawn by its share; [n, states]."""
    steps = share.cumsum(1)
    first = (uniform.to(share.device) * steps[:, -1:] < steps).to(torch.int8).argmax(1)
    return torch.zeros_like(share).scatter(1, first.unsqueeze(1), 1.0)


def _weighed(x: Tensor, share: Tensor) -> Tensor:
    """Return the mean over the states of every sample, [n, …]."""
    rows = x.unflatten(0, share.shape)
    weight = share.to(x.dtype).reshape([*share.shape, *[1] * (x.dim() - 1)])
    return torch.where(weight == 0, torch.zeros_like(rows), weight * rows).sum(1)


def _worst(end: Solution, count: int) -> Solution:
    """Judge a sample by the worst of its states."""
    return replace(
        end,
        point=end.point.unflatten(0, (-1, count))[:, 0],
        certificate=end.certificate.unflatten(0, (-1, count)).amax(1),
        status=end.status.unflatten(0, (-1, count)).amax(1),
        steps=end.steps.unflatten(0, (-1, count)).amax(1),
    )
