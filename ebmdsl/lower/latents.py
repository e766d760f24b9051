"""Latents as one vector per sample, and back; the objective that a solver sees."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.concepts.facts import Block
from ebmdsl.concepts.problem import States
from ebmdsl.concepts.sampling import Site, sites_of
from ebmdsl.expr.prove import prove
from ebmdsl.expr.unbatched import unbatched
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.factors import Tables
from ebmdsl.lower.gradients import slope_of
from ebmdsl.lower.objective import Objective, Smooth, Term
from ebmdsl.lower.outside import inputs_by
from ebmdsl.lower.points import APART
from ebmdsl.lower.quadratic import Hessian, Quadratic, hessian_of, linear_of, quadratic_of
from ebmdsl.lower.regions import Region, region_of
from ebmdsl.plan.templates import templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.check.model import Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Eliminate
    from ebmdsl.plan.templates import Template

    Values = Mapping[str, Tensor]

MOST_STATES = 2**20
ELIMINATION = "variable_elimination"
_ENTRIES = Block.SEPARABLE


@final
@dataclass(frozen=True, slots=True)
class Layout:
    """Where each latent lies in the vector of one sample: its name and its own axes."""

    parts: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def size(self) -> int:
        """Return the length of the vector."""
        return sum(prod(axes) for _, axes in self.parts)

    def ranges(self) -> dict[str, tuple[int, int]]:
        """Return the first and last + 1 entry of every latent."""
        found: dict[str, tuple[int, int]] = {}
        start = 0
        for name, axes in self.parts:
            found[name] = (start, start + prod(axes))
            start += prod(axes)
        return found

    def split(self, z: Tensor) -> dict[str, Tensor]:
        """Return the latents of [n, d], each [n, *plates, *event]."""
        axes = dict(self.parts)
        return {
            name: z[:, low:high].reshape([-1, *axes[name]])
            for name, (low, high) in self.ranges().items()
        }

    def join(self, latents: Values) -> Tensor:
        """Return the vectors, [n, d], of latents given by name."""
        rows = (latents[name] for name, _ in self.parts)
        return torch.cat([row.reshape(row.shape[0], prod(row.shape[1:])) for row in rows], 1)


def layout(model: Model, names: tuple[str, ...]) -> Layout:
    """Lay out a group of latents in the order of the plan."""
    found = [each for each in map(model.find, names) if each is not None]
    return Layout(
        tuple(
            (each.name, (*(plate.size for plate in each.plates), *each.shape)) for each in found
        )
    )


@final
class Reduced:
    """One elimination as a function of the latent vector, with what it depends on as data.

    The matrix of a quadratic part that depends on parameters only is kept until they change.
    """

    def __init__(self, step: Eliminate, model: Model) -> None:
        self.step, self.model = step, model
        self.layout = layout(model, step.names)
        self.per_sample = _inputs(model, step)
        self._kept: tuple[Any, Hessian] | None = None
        self._traced: dict[tuple[bool, tuple[str, ...]], Any] = {}
        self._templates: tuple[Template, ...] | None = None
        self._listed: dict[tuple[torch.dtype, torch.device], States] = {}

    def forget(self) -> None:
        """Drop the matrix that is kept, so that it is computed anew."""
        self._kept = None

    def objective(self, values: Values, like: Tensor, *, live: bool = False) -> Objective:
        """Return the objective for the samples in `values`; `like` is any [n, d].

        A `live` one can be differentiated in the parameters, its matrix too.
        """
        assert self.step.problem is not None
        if self.step.nested:
            return self.around(self._searching(values), values, like=like)
        data = tuple(values[name] for name in self.per_sample)
        fixed = {name: x for name, x in values.items() if name not in self.per_sample}
        smooth = self._smooth(fixed, data, like=like, live=live)
        return self.around(smooth, values, like=like, floor=self._floor)

    def _searching(self, values: Values) -> Smooth:
        """Return the smooth part where latents disappear inside of it, or are given."""
        assert self.step.smooth is not None
        given = (name for name in self.step.nested if name in values)
        names = (*self.per_sample, *given)
        fixed = {name: x for name, x in values.items() if name not in names}
        energy = self.energy(self.step.smooth, fixed, names=names)
        return Smooth(energy, tuple(values[name] for name in names), by_autograd(energy))

    def around(
        self,
        smooth: Quadratic | Smooth,
        values: Values,
        *,
        like: Tensor,
        floor: float | None = None,
    ) -> Objective:
        """Return the objective with this smooth part; terms and domain are the step's."""
        assert self.step.problem is not None
        return Objective(
            smooth_part=smooth,
            terms=self._terms(values),
            regions=self._regions(),
            coupling=self._coupling(values, like=like),
            states=self.states(like) if self._enumerable else None,
            sites=self._sites() if self.step.problem.discrete else (),
            factors=self._factors(values),
            floor=floor,
        )

    def energy(self, node: Node, fixed: Values, *, names: tuple[str, ...] | None = None) -> Any:
        """Return `node` as a function of the latent vector and the samples' data."""
        sampled = self.per_sample if names is None else names

        def value(z: Tensor, *data: Tensor) -> Tensor:
            given = dict(zip(sampled, data, strict=True))
            known = {**fixed, **given, **self.layout.split(z)}
            x = evaluate(node, known, world=APART)
            return x.reshape(-1).expand(z.shape[0]) if x.dim() < 1 else x.reshape(-1)

        return value

    @cached_property
    def _shared(self) -> Node:
        """The smooth part where all samples have the same latents."""
        assert self.step.smooth is not None
        return unbatched(self.step.smooth, self.step.names)

    def _common(self, fixed: Values) -> Any:
        """Return the energy as a function of one latent vector, [d], that samples share."""
        shared = self._shared

        def value(z: Tensor, *data: Tensor) -> Tensor:
            given = dict(zip(self.per_sample, data, strict=True))
            one = {name: x[0] for name, x in self.layout.split(z.unsqueeze(0)).items()}
            x = evaluate(shared, {**fixed, **given, **one}, world=APART)
            return x if x.dim() or not data else x.expand(data[0].shape[0])

        return value

    def _smooth(
        self, fixed: Values, data: tuple[Tensor, ...], *, like: Tensor, live: bool
    ) -> Quadratic | Smooth:
        assert self.step.smooth is not None
        assert self.step.problem is not None
        energy, work = self.energy(self.step.smooth, fixed), self.step.problem.evaluation
        if self.step.method == ELIMINATION:
            return Smooth(energy, data, work=work)
        if not self._has_matrix:
            if self._enumerable:
                common = self._common(fixed)
                return Smooth(energy, data, common=common, work=work)
            return Smooth(energy, data, self._slope(fixed, data, like=like), work=work)
        if live:
            return quadratic_of(energy, data, like=like, shared=self.step.problem.shared)
        hessian = self._hessian(energy, fixed, data=data, like=like)
        linear, constant = linear_of(energy, data, like=like)
        return Quadratic(hessian, linear, constant)

    @property
    def _has_matrix(self) -> bool:
        """Whether the matrix is worth reading off: an energy affine in bits has none."""
        problem = self.step.problem
        assert problem is not None
        return problem.has_matrix and not (problem.discrete and problem.smooth.affine)

    def _slope(self, fixed: Values, data: tuple[Tensor, ...], *, like: Tensor) -> Any:
        """Return the gradient as forward code, traced here: a transform is no place for it.

        There is one for where gradients are recorded and one for where they are not: torch
        has quicker derivatives where nobody differentiates them again.
        """
        smooth, names, held = self.step.smooth, tuple(fixed), tuple(fixed.values())
        assert smooth is not None
        used = len(data)

        def energy(z: Tensor, *inputs: Tensor) -> Tensor:
            shared = dict(zip(names, inputs[used:], strict=True))
            return self.energy(smooth, shared)(z, *inputs[:used])

        def traced() -> Any:
            key = (torch.is_grad_enabled(), names)
            if key not in self._traced:
                self._traced[key] = slope_of(energy, like, data=data, fixed=held)
            return self._traced[key]

        traced()
        return lambda z, *rows: traced()(z, *rows, *held)

    def _hessian(
        self, energy: Any, fixed: Values, *, data: tuple[Tensor, ...], like: Tensor
    ) -> Hessian:
        assert self.step.problem is not None
        shared = self.step.problem.shared
        if not shared:
            return Hessian(hessian_of(energy, data, like=like, shared=False))
        state = tuple((x.data_ptr(), x._version, x.dtype) for x in fixed.values())
        if self._kept is None or self._kept[0] != state:
            matrix = hessian_of(energy, data, like=like, shared=True)
            self._kept = (state, Hessian(matrix))
        return self._kept[1]

    def _terms(self, values: Values) -> tuple[Term, ...]:
        ranges = self.layout.ranges()
        alone = len(ranges) == 1
        return tuple(
            Term(
                rough.function,
                evaluate(rough.weight, values).reshape([-1] if rough.weight.per_sample else []),
                None if alone else ranges[rough.latent],
                () if rough.function.facts[0].block <= _ENTRIES else self._event(rough.latent),
            )
            for rough in self.step.rough
        )

    def _factors(self, values: Values) -> Tables | None:
        """Return the tables of discrete latents, where elimination is planned."""
        assert self.step.problem is not None
        graph = self.step.problem.interactions
        if graph is None or self.step.method != ELIMINATION:
            return None
        if self._templates is None:
            energy, names = self.step.objective, self.step.names
            self._templates = templates(self.model, names, energy=energy)
        assert self._templates is not None
        return Tables(
            graph=graph,
            templates=self._templates,
            sites=self._sites(),
            values={name: x for name, x in values.items() if name not in self.step.names},
            per_sample=self.per_sample,
        )

    @property
    def _enumerable(self) -> bool:
        """Whether all joint states can be listed."""
        assert self.step.problem is not None
        if self.step.method == ELIMINATION:
            return False
        states = self.step.problem.states
        return states is not None and states <= MOST_STATES

    def _sites(self) -> tuple[Site, ...]:
        """List the entries that take few values, in the order of the layout."""
        found: list[Site] = []
        for name, (first, _) in self.layout.ranges().items():
            declared = self.model.find(name)
            assert declared is not None
            found += sites_of(declared.quantity.domain, declared.whole, first=first)
        return tuple(found)

    def _regions(self) -> tuple[Region, ...]:
        """Return the set of each latent; discrete ones have their states."""
        assert self.step.problem is not None
        if self.step.problem.discrete:
            return ()
        ranges = self.layout.ranges()
        return tuple(
            region_of(part, first=ranges[part.name][0], event=self._event(part.name))
            for part in self.step.problem.sets
        )

    def _event(self, name: str) -> tuple[int, ...]:
        declared = self.model.find(name)
        assert declared is not None
        return declared.shape

    def _coupling(self, values: Values, *, like: Tensor) -> Quadratic | None:
        """Return the non-smooth part as a quadratic in absolute values, where it is one."""
        node, problem = self.step.magnitude, self.step.problem
        if node is None or problem is None or problem.magnitudes is None:
            return None
        data = tuple(values[name] for name in self.per_sample)
        fixed = {name: x for name, x in values.items() if name not in self.per_sample}
        shared = problem.magnitudes.leading <= frozenset(self.model.parameters)
        return quadratic_of(self.energy(node, fixed), data, like=like, shared=shared)

    @cached_property
    def _floor(self) -> float | None:
        """A bound of the smooth part from below, where one is proved."""
        assert self.step.smooth is not None
        low = prove(self.step.smooth, self.step.smooth.names).low
        return None if low == float("-inf") else low

    def states(self, like: Tensor) -> States:
        """Enumerate the joint states of discrete latents."""
        kind = (like.dtype, like.device)
        if kind not in self._listed:
            self._listed[kind] = states_of(self.model, self.step.names, like=like)
        return self._listed[kind]


def by_autograd(energy: Any) -> Any:
    """Return the gradient of an energy that searches inside, and cannot be traced."""

    def slope(z: Tensor, *data: Tensor) -> Tensor:
        with torch.enable_grad():
            point = z.detach().requires_grad_()
            return torch.autograd.grad(energy(point, *data).sum(), point)[0]

    return slope


def _inputs(model: Model, step: Eliminate) -> tuple[str, ...]:
    """Name the quantities with one value a sample that the objective depends on."""
    names = set(step.objective.names)
    found = (
        each.name
        for each in model.declared
        if each.name in names and each.quantity.per_sample and each.name not in step.names
    )
    return (*found, *inputs_by((step.objective,)))


def states_of(model: Model, names: tuple[str, ...], *, like: Tensor) -> States:
    """Enumerate the joint states of discrete latents, [states, d]."""
    tables = [_table(model, name, like=like) for name in names]
    joint = tables[0]
    for table in tables[1:]:
        left = joint.repeat_interleave(len(table), 0)
        joint = torch.cat([left, table.repeat(len(joint), 1)], 1)
    declared = model.find(names[0])
    assert declared is not None
    single = len(names) == 1 and len(declared.shape) == 1 and not declared.plates
    return States(joint, axes=single and declared.quantity.domain.name == "onehot")


def _table(model: Model, name: str, *, like: Tensor) -> Tensor:
    declared = model.find(name)
    assert declared is not None
    shape = (*(plate.size for plate in declared.plates), *declared.shape)
    match declared.quantity.domain.name:
        case "onehot":
            one = torch.eye(shape[-1], dtype=like.dtype, device=like.device)
            count = prod(shape[:-1])
        case "token":
            size = declared.quantity.domain.size
            one = torch.arange(size, dtype=like.dtype, device=like.device).unsqueeze(1)
            count = prod(shape)
        case domain:
            low = 0.0 if domain == "binary" else -1.0
            one = torch.tensor([[low], [1.0]], dtype=like.dtype, device=like.device)
            count = prod(shape)
    return _joint(one, count)


def _joint(one: Tensor, count: int) -> Tensor:
    grid = torch.cartesian_prod(*[torch.arange(len(one), device=one.device)] * count)
    return one[grid.reshape(-1, count)].flatten(1)
