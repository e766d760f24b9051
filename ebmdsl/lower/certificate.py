"""Certificates: how far from the minimum a point may be at most, relative to the value."""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

import torch

from ebmdsl.concepts.matrices import length
from ebmdsl.concepts.stepping import safe_step
from ebmdsl.lower.regions import put

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.lower.objective import Objective, Term
    from ebmdsl.lower.quadratic import Quadratic


def duality_gap(objective: Objective, z: Tensor, *, quadratic: Quadratic) -> Tensor:
    r"""Bound (P(z) - min P) / |P(z)| for a convex quadratic f plus weighted gauges h, [n].

    Fenchel's inequality twice, with $r = -\nabla f(z) = b - Qz$: for every v where the
    conjugate $h^*(v)$ vanishes,
    $P(z) - \min P \le h(z) - v^\top z + \tfrac12 (v - r)^\top Q^+ (v - r)$.
    v is r shrunk into the polar ball of each gauge, r clipped at 0 on bare entries of the
    orthant, and 0 on bare real entries. Where one factor s shrinks every entry the last part
    is $(1 - s)^2 (f(z) - \min f)$, so that a proved floor of f replaces the factorization;
    with f = ½‖y - Wz‖² this is the gap of the lasso, ½‖y‖² - ½‖y - θ‖² with θ = s (y - Wz).

    References: Fercoq, Gramfort & Salmon 2015, arXiv:1505.03410; Rockafellar 1970, §31.
    """
    r = quadratic.linear - quadratic.hessian.times(z)
    f = quadratic.constant - (z * (quadratic.linear + r)).sum(-1) / 2
    h = objective.rough(z)
    scale = (f + h).abs()
    if objective.floor is not None and covers(objective, z.shape[-1]):
        s = _shrinkage(objective, r)
        bound = h - s * (r * z).sum(-1) + (1 - s) ** 2 * (f - objective.floor)
        return _relative(bound, scale)
    v = _feasible(objective, r)
    rest, drop = _suboptimality(quadratic, v - r)
    if not objective.terms:
        scale = torch.maximum(scale, drop)
    return _relative(h - (v * z).sum(-1) + rest, scale)


def covers(objective: Objective, size: int) -> bool:
    """Tell whether every entry of z is under a term."""
    return sum(len(range(size)[term.where]) for term in objective.terms) == size


def apart(terms: tuple[Term, ...]) -> bool:
    """Tell whether no two terms are about a common entry."""
    if len(terms) <= 1:
        return True
    ranges = sorted(term.part for term in terms if term.part is not None)
    below = all(one[1] <= two[0] for one, two in pairwise(ranges))
    return len(ranges) == len(terms) and below


def _relative(gap: Tensor, scale: Tensor) -> Tensor:
    return gap.clamp_min(0) / scale.clamp_min(torch.finfo(scale.dtype).tiny)


def _shrink(term: Term, r: Tensor, *, nonneg: bool) -> Tensor:
    """Return the largest s <= 1 with polar(s r) <= weight on the term's entries, [n]."""
    polar = term.polar(r, nonneg=nonneg)
    return torch.where(polar <= term.weight, torch.ones_like(polar), term.weight / polar)


def _shrinkage(objective: Objective, r: Tensor) -> Tensor:
    factors = [_shrink(term, r, nonneg=objective.is_nonneg(term)) for term in objective.terms]
    return torch.stack(factors).amin(0)


def _feasible(objective: Objective, r: Tensor) -> Tensor:
    v = objective.falling(r)
    for term in objective.terms:
        shrunk = _shrink(term, r, nonneg=objective.is_nonneg(term)).unsqueeze(-1)
        v[:, term.where] = shrunk * r[:, term.where]
    return v


def _suboptimality(quadratic: Quadratic, e: Tensor) -> tuple[Tensor, Tensor]:
    """Return ½ e'Q⁺e, infinite outside the range of Q, and the drop ½ b'Q⁺b from 0."""
    hessian, b = quadratic.hessian, quadratic.linear
    step, point = hessian.solve(e), hessian.solve(b)
    missed = length(hessian.times(step) - e)
    outside = (missed > hessian.noise * (length(b) + hessian.span(point))).squeeze(-1)
    bound = (e * step).sum(-1) / 2
    return torch.where(outside, torch.full_like(bound, inf), bound), (b * point).sum(-1) / 2


def stationarity(objective: Objective, z: Tensor) -> Tensor:
    r"""Return the length of a proximal gradient step relative to z and the slope, [n].

    The step length is that of a point whose slope has the size of the slopes at 0 and half
    way to z, so that scaling the energy or the variables changes nothing. It vanishes at
    stationary points only; that they are minima is proved by convexity or not at all.
    """
    slope = objective.gradient(z)
    scale = _scale(objective, z, slope=slope)
    tiny = torch.finfo(z.dtype).tiny
    size = length(z)
    step = torch.where(size > 0, size, torch.ones_like(size)) / scale.clamp_min(tiny)
    if not objective.is_convex:
        step = torch.minimum(step, _short(objective, z, slope=slope))
    moved = z - objective.prox(z - step * slope, step)
    whole = torch.maximum(size, step * scale) if objective.is_convex else step * scale
    return (length(moved) / whole.clamp_min(tiny)).squeeze(-1)


def _scale(objective: Objective, z: Tensor, *, slope: Tensor) -> Tensor:
    """Return the largest slope at the point, half way to it and at 0, [n, 1]."""
    found = torch.maximum(length(objective.gradient(z / 2)), length(slope))
    return torch.maximum(found, length(objective.gradient(torch.zeros_like(z))))


def _short(objective: Objective, z: Tensor, *, slope: Tensor) -> Tensor:
    """Return a step after which no entry that differs from zero is near it, [n, 1].

    Whether a point is a local minimum over a set that is not convex, or under a term that
    is not, shows in small steps: long ones ask for more.
    """
    least = torch.where(z != 0, z.abs(), torch.inf).amin(-1, keepdim=True)
    steepest = slope.abs().amax(-1, keepdim=True).clamp_min(torch.finfo(z.dtype).tiny)
    return torch.minimum(safe_step(objective, z), least / steepest / 4)


def optimality(objective: Objective, z: Tensor) -> Tensor:
    r"""Return the largest residual of the optimality conditions with a coupling, [n].

    For $f(z) + q(|z|)$ an entry that differs from zero has $\partial_i f +
    \operatorname{sign}(z_i)\, \partial_i q = 0$, one at zero has $|\partial_i f| \le
    \partial_i q$, over the orthant without the absolute value. The residual is relative to
    the slope of f at 0.
    """
    assert objective.coupling is not None
    slope, weight = objective.gradient(z), objective.coupling.gradient(z.abs())
    low = objective.clip(torch.full_like(z, -torch.inf)) == 0
    resting = torch.where(low, -slope, slope.abs()) - weight
    inside = (slope + z.sign() * weight).abs()
    residual = torch.where(z != 0, inside, resting.clamp_min(0)).amax(-1)
    whole = objective.gradient(torch.zeros_like(z)).abs().amax(-1)
    return residual / whole.clamp_min(torch.finfo(z.dtype).tiny)


def exchange(objective: Objective, z: Tensor) -> Tensor:
    """Return by how much a change of one discrete entry lowers the energy, relative, [n]."""
    here = objective.value(z)
    least = here
    for site in objective.sites:
        for value in site.values.to(z):
            moved = put(z, value.expand(len(z), -1), at=site.columns)
            least = torch.minimum(least, objective.value(moved))
    tiny = torch.finfo(z.dtype).tiny
    return (here - least) / torch.maximum(here.abs(), least.abs()).clamp_min(tiny)
