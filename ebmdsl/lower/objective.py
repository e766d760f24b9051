"""What a solver minimizes over a batch: a smooth part, terms with a prox, and a domain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.concepts.abilities import Conjugate, Proximable
from ebmdsl.concepts.facts import Block
from ebmdsl.lower.certificate import (
    apart,
    covers,
    duality_gap,
    exchange,
    optimality,
    stationarity,
)
from ebmdsl.lower.quadratic import Quadratic, hessian_of
from ebmdsl.lower.regions import Box, Region, overlap, put

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ebmdsl.concepts.blocks import Block as Group
    from ebmdsl.concepts.kinds import Function
    from ebmdsl.concepts.problem import States
    from ebmdsl.concepts.sampling import Site
    from ebmdsl.lower.factors import Tables

    Energy = Callable[..., Tensor]
    Advance = Callable[..., Any]

CLAIM = 1e-7


@final
@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """An energy `energy(z, *data) -> [n]` with the samples' tensors as data, each [n, ...].

    `slope(z, *data) -> [n, d]` is its gradient as forward code, if there is one already;
    `common(z, *data) -> [n]` is the energy at one z, [d], that all samples share. `work` is
    what one sample takes, in multiply-adds.
    """

    energy: Energy
    data: tuple[Tensor, ...] = ()
    slope: Energy | None = None
    common: Energy | None = None
    work: float = 1.0

    def value(self, z: Tensor) -> Tensor:
        """Return f, [n]."""
        return self.energy(z, *self.data)

    def gradient(self, z: Tensor) -> Tensor:
        """Return the gradient, [n, d]."""
        if self.slope is not None:
            return self.slope(z, *self.data)
        return torch.func.grad(self._total)(z)

    def curvature(self, z: Tensor) -> Tensor:
        """Return the second derivatives, [n, d, d]."""
        return hessian_of(self.energy, self.data, like=z, shared=False, at=z)

    def _total(self, z: Tensor) -> Tensor:
        return self.energy(z, *self.data).sum()

    def rows(self, index: Tensor) -> Smooth:
        """Return the same for some of the samples."""
        return replace(self, data=tuple(one[index] for one in self.data))

    def double(self) -> Smooth:
        """Return the same energy: its precision is that of its parameters."""
        return self


@final
@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A weighted non-smooth term on some entries of z; the weight is a number or [n].

    A function of groups or of a matrix sees its values in their own axes, `event`; a term
    adds up what the function returns for each of them.
    """

    function: Function
    weight: Tensor
    part: tuple[int, int] | None = None
    event: tuple[int, ...] = ()

    @property
    def where(self) -> slice:
        """Return the entries as an index: `part` is first and last + 1."""
        return slice(None) if self.part is None else slice(*self.part)

    def value(self, z: Tensor) -> Tensor:
        """Return the weighted value, [n]."""
        found = self.function.value(self._own(z))
        return self.weight * found.reshape(z.shape[0], -1).sum(-1)

    def _own(self, z: Tensor) -> Tensor:
        """Return the term's entries, in the axes that the function is made for."""
        own = z[:, self.where]
        return own.reshape(-1, *self.event) if self.event else own

    def prox(self, z: Tensor, step: Tensor) -> Tensor:
        """Return the proximal point of the term's own entries."""
        if not isinstance(self.function, Proximable):
            raise TypeError(f"`{self.function.word}` has no prox; the plan must not use it")
        weight = self.weight.unsqueeze(-1) if self.weight.dim() else self.weight
        own, each = self._own(z), step * weight
        if own.shape[0] != z.shape[0] and each.dim():
            each = each.expand(z.shape[0], 1)
            each = each.repeat_interleave(own.shape[0] // max(z.shape[0], 1), 0)
        return self.function.prox(own, each).reshape(z.shape[0], -1)

    def entries(self, z: Tensor, step: Tensor) -> Tensor:
        """Return the proximal point of some of a separable term's entries."""
        if not isinstance(self.function, Proximable):
            raise TypeError(f"`{self.function.word}` has no prox; the plan must not use it")
        weight = self.weight.unsqueeze(-1) if self.weight.dim() else self.weight
        return self.function.prox(z, step * weight)

    def within(self, z: Tensor, step: Tensor) -> Tensor:
        """Return z with the term's own entries at their proximal point."""
        if self.part is None:
            return self.prox(z, step)
        moved = z.clone()
        moved[:, self.where] = self.prox(z, step)
        return moved

    def polar(self, v: Tensor, *, nonneg: bool) -> Tensor:
        """Return the dual gauge of the unweighted function on the term's entries, [n]."""
        if not isinstance(self.function, Conjugate):
            raise TypeError(f"`{self.function.word}` has no dual gauge")
        found = self.function.polar(self._own(v), nonneg=nonneg)
        return found.reshape(v.shape[0], -1).amax(-1)

    def rows(self, index: Tensor) -> Term:
        """Return the same for some of the samples."""
        return replace(self, weight=self.weight[index]) if self.weight.dim() else self

    def double(self) -> Term:
        """Return the same with its weight in float64."""
        return replace(self, weight=self.weight.double())

    @property
    def separable(self) -> bool:
        """Whether every entry is treated by itself."""
        return self.function.facts[0].block <= Block.SEPARABLE

    @property
    def gauge(self) -> bool:
        """Whether the term has a dual gauge, so that a duality gap can be computed."""
        return isinstance(self.function, Conjugate)


@final
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Objective:
    """Smooth part + terms over a domain, for n samples at once.

    The smooth part is a `Quadratic` (see `quadratic_of`) or a `Smooth(energy, data)`.
    `floor` is a proved lower bound of the smooth part (0 for a sum of squares): it makes the
    duality gap cheaper and is no requirement. `regions` are the sets of the latents, `box`
    one interval for all. `coupling` is a quadratic in absolute values that is added to the
    terms; it has no prox. `wide` is the same objective built in float64: with it certificates
    are free of the rounding of a quadratic that was read off in float32 (some 5e-6 of the
    value). No gap is taken where the answer is wanted and not a low energy: `by_slope`.
    `advance` takes steps of a solver, where they are compiled.
    """

    smooth_part: Quadratic | Smooth
    terms: tuple[Term, ...] = ()
    box: Box | None = None
    states: States | None = None
    sites: tuple[Site, ...] = ()
    blocks: tuple[Group, ...] = ()
    factors: Tables | None = None
    floor: float | None = None
    wide: Objective | None = None
    advance: Advance | None = None
    regions: tuple[Region, ...] = ()
    coupling: Quadratic | None = None
    by_slope: bool = False

    @property
    def quadratic(self) -> Quadratic | None:
        """Return the smooth part where it is quadratic."""
        return self.smooth_part if isinstance(self.smooth_part, Quadratic) else None

    def at(self, z: Tensor, *, samples: int) -> Tensor:
        """Return the whole objective of every sample at one point z, [d]."""
        rows = z.expand(samples, -1)
        rough = self.rough(rows) if self.is_rough else 0
        part = self.smooth_part
        if isinstance(part, Quadratic) or part.common is None:
            return part.value(rows) + rough
        return part.common(z, *part.data) + rough

    @property
    def work(self) -> float:
        """Return what one value of f takes for one sample, in multiply-adds."""
        return 1.0 if isinstance(self.smooth_part, Quadratic) else self.smooth_part.work

    @property
    def is_rough(self) -> bool:
        """Whether there is a non-smooth term."""
        return bool(self.terms) or self.coupling is not None

    def smooth(self, z: Tensor) -> Tensor:
        """Return f, [n]."""
        return self.smooth_part.value(z)

    def gradient(self, z: Tensor) -> Tensor:
        """Return the gradient of f, [n, d]."""
        return self.smooth_part.gradient(z)

    def rough(self, z: Tensor) -> Tensor:
        """Return the sum of the terms, [n]."""
        found = sum((term.value(z) for term in self.terms), z.new_zeros(z.shape[0]))
        return found if self.coupling is None else found + self.coupling.value(z.abs())

    def value(self, z: Tensor) -> Tensor:
        """Return the objective, [n]."""
        return self.smooth(z) + self.rough(z)

    def prox(self, z: Tensor, step: Tensor) -> Tensor:
        r"""Return the proximal point of step * (terms + indicator of the domain).

        For terms of single entries the projection follows the prox; for norms of groups over
        the orthant it precedes it (Bauschke & Combettes 2017, Prop. 24.47; Yu 2013).
        """
        for term in self.terms:
            z = term.within(z, step) if term.separable else z
        z = self.clip(z)
        for term in self.terms:
            z = z if term.separable else term.within(z, step)
        return z

    def entries(self, z: Tensor, step: Tensor, *, at: slice = slice(None)) -> Tensor:
        """Return the proximal point entry by entry, each with its own step: [n, d] or [d].

        With `at` these are only some columns of a point. For separable terms and domains.
        """
        first = at.start or 0
        for term in self.terms:
            own = overlap(term.part, first=first, width=z.shape[-1])
            moved = term.entries(z[:, own], step[..., own])
            z = moved if moved.shape == z.shape else put(z, moved, at=own)
        if self.box is not None:
            z = z.clamp(self.box.low, self.box.high)
        for region in self.regions:
            own = overlap((region.first, region.last), first=first, width=z.shape[-1])
            if region.kind != "free":
                z = put(z, region.each(z[:, own]), at=own)
        return z

    def curvature(self, z: Tensor) -> Tensor:
        """Return the second derivatives of f, [n, d, d]."""
        return self.smooth_part.curvature(z)

    @property
    def is_separable(self) -> bool:
        """Whether terms and domain treat every entry by itself."""
        boxes = all(region.kind in ("free", "orthant", "box") for region in self.regions)
        return boxes and self.coupling is None and all(each.separable for each in self.terms)

    def clip(self, z: Tensor) -> Tensor:
        """Return the nearest point of the domain."""
        if self.box is not None and (self.box.low > -inf or self.box.high < inf):
            z = z.clamp(self.box.low, self.box.high)
        limited = [region for region in self.regions if region.kind != "free"]
        if limited and limited[0].last - limited[0].first == z.shape[-1]:
            return limited[0].nearest(z)
        if limited:
            z = z.clone()
        for region in limited:
            z[:, region.where] = region.nearest(z[:, region.where])
        return z

    @property
    def _is_orthant(self) -> bool:
        """Whether the domain of all entries is the orthant."""
        return self.box is not None and self.box.low == 0 and self.box.high == inf

    @property
    def _is_cone(self) -> bool:
        """Whether entries may be anything, or anything nonneg: what the gap knows."""
        box = self.box is None or (self.box.high == inf and self.box.low in (-inf, 0))
        return box and all(region.cone for region in self.regions)

    def is_nonneg(self, term: Term) -> bool:
        """Tell whether the entries of a term are not negative."""
        own = [each for each in self.regions if term.part in (None, (each.first, each.last))]
        return self._is_orthant or (bool(own) and all(r.kind == "orthant" for r in own))

    def falling(self, v: Tensor) -> Tensor:
        """Return v where it may pull at an entry without a term: below zero in the orthant."""
        if self._is_orthant:
            return v.clamp_max(0)
        found = torch.zeros_like(v)
        for region in self.regions:
            if region.kind == "orthant":
                found[:, region.where] = v[:, region.where].clamp_max(0)
        return found

    @property
    def is_convex(self) -> bool:
        """Whether terms and sets are convex; the smooth part is another matter."""
        terms = all(term.function.facts[0].convex for term in self.terms)
        return terms and all(region.kind != "other" for region in self.regions)

    @property
    def sparsity(self) -> int | None:
        """Return how many entries may differ from zero, where that is limited."""
        counts = [each.sparsity for each in self.regions if each.sparsity is not None]
        return sum(counts) if counts and len(counts) == len(self.regions) else None

    def certificate(self, z: Tensor) -> Tensor:
        """Return how far from optimal z may be at most, relative and free of scale, [n].

        The relative duality gap for a quadratic plus gauges over a cone, else the relative
        length of a proximal gradient step.
        """
        if self.sites:
            return exchange(self, z)
        if self.coupling is not None:
            return optimality(self, z)
        if self.has_gap and self.quadratic is not None:
            return duality_gap(self, z, quadratic=self.quadratic)
        return stationarity(self, z)

    def certify(self, z: Tensor) -> Tensor:
        """Return the certificate in float64 where that can be had; 1e-7 at best in float32."""
        known = self.quadratic is not None or self.wide is not None
        wide = self.double().certificate(z.double()) if known else self.certificate(z)
        return wide.double().clamp_min(0 if z.dtype == torch.float64 else CLAIM)

    @property
    def has_gap(self) -> bool:
        """Whether the certificate is a duality gap."""
        gauges = all(term.gauge for term in self.terms)
        plain = self.coupling is None and self._is_cone and apart(self.terms)
        known = self.quadratic is not None and gauges and plain and self._is_bounded
        return known and not self.by_slope

    @property
    def _is_bounded(self) -> bool:
        """Whether the last part of the gap can be had: by a floor, or by a factorization."""
        quadratic = self.quadratic
        if quadratic is None:
            return False
        covered = self.floor is not None and covers(self, quadratic.linear.shape[-1])
        return covered or quadratic.hessian.is_small

    def rows(self, index: Tensor) -> Objective:
        """Return the objective of some of the samples."""
        terms = tuple(term.rows(index) for term in self.terms)
        wide = self.wide.rows(index) if self.wide is not None else None
        coupling = self.coupling.rows(index) if self.coupling is not None else None
        moved = replace(self, smooth_part=self.smooth_part.rows(index), terms=terms)
        factors = self.factors.rows(index) if self.factors is not None else None
        return replace(moved, wide=wide, coupling=coupling, factors=factors)

    def double(self) -> Objective:
        """Return the same objective in float64."""
        if self.wide is not None:
            return self.wide
        terms = tuple(term.double() for term in self.terms)
        coupling = self.coupling.double() if self.coupling is not None else None
        smooth = self.smooth_part.double()
        return replace(self, smooth_part=smooth, terms=terms, coupling=coupling)
