"""Markov chains of observed variables, which leave exp(-F / T) as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, final

import torch

from ebmdsl.concepts.domain import BOUNDS
from ebmdsl.concepts.problem import Refuse
from ebmdsl.concepts.sampling import Chain, Site, renew, seen, sites_of
from ebmdsl.lower.drawing import Drawing
from ebmdsl.lower.latents import Layout, layout
from ebmdsl.lower.objective import Box, Objective, Smooth
from ebmdsl.plan.kernels import Kernel, kernel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.check.model import Model
    from ebmdsl.concepts.kinds import Sampler
    from ebmdsl.lower.module import EnergyModule

    Values = Mapping[str, Tensor]


@final
class Walked(NamedTuple):
    """Where n chains have come to: the points by name, [n, *plates, *event], constant.

    `accepted` is the mean share of accepted steps of each chain, [n]; `chain` can be handed
    to the next walk, so that what a sampler learned about its steps is kept.
    """

    points: dict[str, Tensor]
    accepted: Tensor
    chain: Chain


@final
class Chains:
    """Moves points of observed variables by the samplers of a file."""

    def __init__(self, module: EnergyModule) -> None:
        self.module = module
        self._kernels: dict[tuple[Sampler, tuple[str, ...]], Kernel] = {}
        self._shares: dict[str, list[Tensor]] = {}
        self._moving: dict[tuple[Sampler, tuple[str, ...]], tuple[Drawing, ...]] = {}

    @torch.no_grad()
    def walk(
        self,
        sampler: Sampler,
        *,
        start: Values,
        values: Values,
        rng: Any,
        chain: Chain | None = None,
    ) -> Walked:
        """Take all steps of a sampler from a start; all values are [n, *plates, *event].

        `start` are the variables that move; `values` is what else F depends on, latents
        excepted. Raises ValueError
        where the sampler cannot take the energy.
        """
        names = tuple(start)
        route = self.kernel(sampler, names)
        places = layout(self.module.plan.model, names)
        z = places.join(start)
        known = {**self.module.weights, **values}
        if route.route == "joint":
            end = self._in_turn(route, names, z=z, known=known, rng=rng)
            accepted = end.accepted
        else:
            objective = self._objective(route, names, values=values, known=known, like=z)
            first = chain if chain is not None and chain.z.shape == z.shape else None
            end, accepted = advance(sampler, objective, start=z, rng=rng, chain=first)
        if route.refuses:
            self._shares.setdefault(sampler.word, []).append(accepted.mean())
        points = {name: x.detach() for name, x in places.split(end.z).items()}
        return Walked(points, accepted, end)

    def acceptance(self) -> dict[str, float]:
        """Return the mean share of accepted steps of samplers that refuse some, by word.

        It is about all walks since this was last asked.
        """
        held, self._shares = self._shares, {}
        return {word: float(torch.stack(shares).mean()) for word, shares in held.items()}

    def kernel(self, sampler: Sampler, names: tuple[str, ...]) -> Kernel:
        """Return how a sampler moves these variables."""
        key = (sampler, names)
        if key not in self._kernels:
            found = kernel(self.module.plan, sampler, names=names)
            if isinstance(found, Refuse):
                raise ValueError(f"`{sampler.word}` cannot move {names}: {found.reason}")
            self._kernels[key] = found
        return self._kernels[key]

    def _objective(
        self,
        route: Kernel,
        names: tuple[str, ...],
        *,
        values: Values,
        known: Values,
        like: Tensor,
    ) -> Objective:
        if route.step is None:
            return free_energy(self.module, names, values=values)
        (own,) = self._drawings(route, names)
        return own.objective(known, like)

    def _drawings(self, route: Kernel, names: tuple[str, ...]) -> tuple[Drawing, ...]:
        """Return what moves: the observed variables, after the latents where both do."""
        key = (route.sampler, names)
        if key not in self._moving:
            plan = self.module.plan
            assert route.step is not None
            steps = (*(plan.eliminations if route.route == "joint" else ()), route.step)
            self._moving[key] = tuple(Drawing(step, plan.model) for step in steps)
        return self._moving[key]

    def _in_turn(
        self, route: Kernel, names: tuple[str, ...], *, z: Tensor, known: Values, rng: Any
    ) -> Chain:
        """Draw the latents given the observed variables, and the other way round."""
        hidden, seen = self._drawings(route, names)
        blank = z.new_zeros(z.shape[0], hidden.reduced.layout.size)
        for _ in range(route.sampler.steps):
            points = seen.reduced.layout.split(z)
            drawn = hidden.moved({**known, **points}, blank, rng=rng)
            latents = hidden.reduced.layout.split(drawn)
            z = seen.moved({**known, **latents}, z, rng=rng)
        nothing = z.new_zeros(z.shape[0], 0)
        ones = z.new_ones(z.shape[0])
        return Chain(z, torch.full_like(ones, torch.nan), ones, nothing, nothing)


def advance(
    sampler: Sampler, objective: Objective, *, start: Tensor, rng: Any, chain: Chain | None
) -> tuple[Chain, Tensor]:
    """Take all steps; return the chains and the mean share of accepted steps, [n]."""
    now = sampler.start(objective, start)
    if chain is not None:
        now = renew(sampler, objective, chain=chain._replace(z=start))
    draws, shares = sampler.draws(objective, start.shape[1]), torch.zeros_like(now.energy)
    for _ in range(sampler.steps):
        now = sampler.step(objective, now, noise=draws.noise(start, rng))
        shares = shares + now.accepted
    now = seen(sampler, objective, chain=now)
    return now, shares / max(sampler.steps, 1)


def free_energy(module: EnergyModule, names: tuple[str, ...], *, values: Values) -> Objective:
    """Return F as a function of observed variables, with the latents gone at every point."""
    places = layout(module.plan.model, names)
    held = tuple(values)

    def energy(z: Tensor, *data: Tensor) -> Tensor:
        known = dict(zip(held, data, strict=True))
        return module.solve({**known, **places.split(z)}).value

    def slope(z: Tensor, *data: Tensor) -> Tensor:
        with torch.enable_grad():
            at = z.detach().requires_grad_()
            total = energy(at, *data).sum()
        return torch.autograd.grad(total, at)[0]

    sites = _sites(module.plan.model, places)
    smooth = Smooth(energy, tuple(values.values()), slope)
    return Objective(smooth_part=smooth, box=_box(module.plan.model, names), sites=sites)


def _sites(model: Model, places: Layout) -> tuple[Site, ...]:
    """List the entries that take few values."""
    found: list[Site] = []
    for name, (first, _) in places.ranges().items():
        declared = model.find(name)
        assert declared is not None
        found += sites_of(declared.quantity.domain, declared.whole, first=first)
    return tuple(found)


def _box(model: Model, names: tuple[str, ...]) -> Box | None:
    """Return the interval of the entries, where they are a continuum."""
    domains = {each.quantity.domain for each in map(model.find, names) if each is not None}
    (domain, *others) = domains
    if others or domain.discrete:
        return None
    return Box(*BOUNDS[domain.name])
