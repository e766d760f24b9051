"""What a solver minimizes over a batch: a smooth part, terms with a prox, and a domain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.concepts.abilities import Conjugate, Proximable
from ebmdsl.concepts.facts import Block
from ebmdsl.lower.certificate import covers, duality_gap, stationarity
from ebmdsl.lower.quadratic import Quadratic

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ebmdsl.concepts.kinds import Function
    from ebmdsl.concepts.problem import States
    from ebmdsl.concepts.sampling import Site

    Energy = Callable[..., Tensor]

CLAIM = 1e-7


@final
@dataclass(frozen=True, slots=True, eq=False)
class Smooth:
    """An energy `energy(z, *data) -> [n]` with the samples' tensors as data, each [n, ...].

    `slope(z, *data) -> [n, d]` is its gradient as forward code, if there is one already.
    """

    energy: Energy
    data: tuple[Tensor, ...] = ()
    slope: Energy | None = None

    def value(self, z: Tensor) -> Tensor:
        """Return f, [n]."""
        return self.energy(z, *self.data)

    def gradient(self, z: Tensor) -> Tensor:
        """Return the gradient, [n, d]."""
        if self.slope is not None:
            return self.slope(z, *self.data)
        return torch.func.grad(self._total)(z)

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
    """A weighted non-smooth term on some entries of z; the weight is a number or [n]."""

    function: Function
    weight: Tensor
    part: tuple[int, int] | None = None

    @property
    def where(self) -> slice:
        """Return the entries as an index: `part` is first and last + 1."""
        return slice(None) if self.part is None else slice(*self.part)

    def value(self, z: Tensor) -> Tensor:
        """Return the weighted value, [n]."""
        return self.weight * self.function.value(z[:, self.where])

    def prox(self, z: Tensor, step: Tensor) -> Tensor:
        """Return the proximal point of the term's own entries."""
        if not isinstance(self.function, Proximable):
            raise TypeError(f"`{self.function.word}` has no prox; the plan must not use it")
        weight = self.weight.unsqueeze(-1) if self.weight.dim() else self.weight
        return self.function.prox(z[:, self.where], step * weight)

    def polar(self, v: Tensor, *, nonneg: bool) -> Tensor:
        """Return the dual gauge of the unweighted function on the term's entries, [n]."""
        if not isinstance(self.function, Conjugate):
            raise TypeError(f"`{self.function.word}` has no dual gauge")
        return self.function.polar(v[:, self.where], nonneg=nonneg)

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
@dataclass(frozen=True, slots=True)
class Box:
    """The interval in which every entry of z lies."""

    low: float = -inf
    high: float = inf


@final
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Objective:
    """Smooth part + terms over a domain, for n samples at once.

    The smooth part is a `Quadratic` (see `quadratic_of`) or a `Smooth(energy, data)`.
    `floor` is a proved lower bound of the smooth part (0 for a sum of squares): it makes the
    duality gap cheaper and is no requirement. Terms act on disjoint entries. `wide` is the
    same objective built in float64: with it certificates are free of the rounding of a
    quadratic that was read off in float32 (some 5e-6 of the value).
    """

    smooth_part: Quadratic | Smooth
    terms: tuple[Term, ...] = ()
    box: Box | None = None
    states: States | None = None
    sites: tuple[Site, ...] = ()
    floor: float | None = None
    wide: Objective | None = None

    @property
    def quadratic(self) -> Quadratic | None:
        """Return the smooth part where it is quadratic."""
        return self.smooth_part if isinstance(self.smooth_part, Quadratic) else None

    @property
    def is_rough(self) -> bool:
        """Whether there is a non-smooth term."""
        return bool(self.terms)

    def smooth(self, z: Tensor) -> Tensor:
        """Return f, [n]."""
        return self.smooth_part.value(z)

    def gradient(self, z: Tensor) -> Tensor:
        """Return the gradient of f, [n, d]."""
        return self.smooth_part.gradient(z)

    def rough(self, z: Tensor) -> Tensor:
        """Return the sum of the terms, [n]."""
        return sum((term.value(z) for term in self.terms), z.new_zeros(z.shape[0]))

    def value(self, z: Tensor) -> Tensor:
        """Return the objective, [n]."""
        return self.smooth(z) + self.rough(z)

    def prox(self, z: Tensor, step: Tensor) -> Tensor:
        r"""Return the proximal point of step * (terms + indicator of the domain).

        For separable convex terms the projection follows the prox; for a norm of groups over
        the orthant it precedes it (Bauschke & Combettes 2017, Prop. 24.47; Yu 2013).
        """
        if len(self.terms) == 1 and self.terms[0].part is None:
            return self._prox_of(self.terms[0], z, step=step)
        parts = self.clip(z)
        for term in self.terms:
            parts = parts.clone()
            parts[:, term.where] = self._prox_of(term, z, step=step)
        return parts

    def clip(self, z: Tensor) -> Tensor:
        """Return the nearest point of the domain."""
        if self.box is None or (self.box.low == -inf and self.box.high == inf):
            return z
        return z.clamp(self.box.low, self.box.high)

    @property
    def nonneg(self) -> bool:
        """Whether the domain is the orthant."""
        return self.box is not None and self.box.low == 0 and self.box.high == inf

    @property
    def _is_cone(self) -> bool:
        """Whether the domain is everything or the orthant: what the duality gap knows."""
        return self.box is None or (self.box.high == inf and self.box.low in (-inf, 0))

    def _prox_of(self, term: Term, z: Tensor, *, step: Tensor) -> Tensor:
        if term.separable:
            return self.clip(term.prox(z, step))
        return term.prox(self.clip(z), step)

    def certificate(self, z: Tensor) -> Tensor:
        """Return how far from optimal z may be at most, relative and free of scale, [n].

        The relative duality gap for a quadratic plus gauges over a cone, else the relative
        length of a proximal gradient step.
        """
        if self.has_gap and self.quadratic is not None:
            return duality_gap(self, z, quadratic=self.quadratic)
        return stationarity(self, z)

    def certify(self, z: Tensor) -> Tensor:
        """Return the certificate in float64 where f is quadratic; 1e-7 at best in float32."""
        wide = self.double().certificate(z.double()) if self.quadratic else self.certificate(z)
        return wide.double().clamp_min(0 if z.dtype == torch.float64 else CLAIM)

    @property
    def has_gap(self) -> bool:
        """Whether the certificate is a duality gap."""
        gauges = all(term.gauge for term in self.terms)
        return self.quadratic is not None and gauges and self._is_cone and self._is_bounded

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
        return replace(self, smooth_part=self.smooth_part.rows(index), terms=terms, wide=wide)

    def double(self) -> Objective:
        """Return the same objective in float64."""
        if self.wide is not None:
            return self.wide
        terms = tuple(term.double() for term in self.terms)
        return replace(self, smooth_part=self.smooth_part.double(), terms=terms)
