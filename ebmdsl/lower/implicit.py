r"""Minimizers as functions of what they depend on, by the equation that they solve.

At an answer $z^*$ of $\min_z f(z, \theta) + g(z, \theta)$ the proximal gradient step stays:
$z = T(z, \theta) = \mathrm{prox}_{tg}(z - t \nabla f(z, \theta))$. Its linearization gives
$dz = (1 - \partial_z T)^{-1} \, \partial_\theta T \, d\theta$ with
$1 - \partial_z T = 1 - P + t P H$, where P is the Jacobian of the prox and H the Hessian of f.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast, final

import torch

from ebmdsl.concepts.stepping import safe_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ebmdsl.lower.objective import Objective

    Linear = Callable[[Tensor], Tensor]

DENSE = 512
AT_ONCE = 2**22
HELD = 2**26
MOST = 1000
ROUNDING = 1e-6
FLOOR = {torch.float32: 1e-6, torch.float64: 1e-13}


class System(Protocol):
    """The linear equation of a change of the minimizer, one for every sample."""

    def solve(self, r: Tensor) -> Tensor:
        """Return u with (1 - P + t P H) u = r, [n, d]; r may be differentiated, any time."""
        ...

    def residual(self) -> Tensor:
        """Return how well a solution solves the equation, relative, in float64, [n]."""
        ...


@final
@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """The fixed point at an answer: the point, its step length [n, 1] and the linear system."""

    point: Tensor
    step: Tensor
    moved: Tensor
    system: System

    def at(self, objective: Objective, *, orders: int = 1) -> Tensor:
        """Return the minimizer of the objective at other parameters near these, [n, d].

        The value is the point itself at the parameters of the equation. Derivatives of it
        are exact up to the number of `orders`: each round of Newton's method with the matrix
        held adds one.
        """
        z = self.point
        for _ in range(orders):
            slope = objective.gradient(z)
            moved = objective.prox(z - self.step * slope, self.step)
            drift = self.moved - self.point
            z = z + self.system.solve(moved - z - drift).to(z.dtype)
        return z

    def one_step(self, objective: Objective) -> Tensor:
        """Return the point after one proximal gradient step; its value is the point itself."""
        slope = objective.gradient(self.point)
        moved = objective.prox(self.point - self.step * slope, self.step)
        return self.point + (moved - self.moved)


@torch.no_grad()
def equation(objective: Objective, point: Tensor, *, by_entry: bool) -> Equation:
    """Return the linearized fixed-point equation at the answers of all samples.

    `by_entry` tells whether terms and domain treat every entry by itself.
    """
    step = safe_step(objective, point)
    v = point - step * objective.gradient(point)
    moved = objective.prox(v, step)
    system = _system(objective, point, v=v, step=step, by_entry=by_entry)
    return Equation(point, step, moved, system)


def _system(
    objective: Objective, z: Tensor, *, v: Tensor, step: Tensor, by_entry: bool
) -> System:
    n, d = z.shape
    mask = _diagonal(objective, v, step=step) if by_entry else None
    if mask is not None and (d > DENSE or n * d * d > HELD):
        return _Masked(objective, z, mask.double(), step.double())
    free = mask is not None and bool((mask == 1).all())
    if free and objective.quadratic is not None and objective.quadratic.hessian.shared:
        return _inverted(step.double()[:1, :, None] * _hessian(objective, z[:1]), n=n)
    slopes = _prox_matrix(objective, v, step=step) if mask is None else torch.diag_embed(mask)
    bent = step.double().unsqueeze(-1) * (slopes.double() @ _hessian(objective, z))
    eye = torch.eye(d, dtype=torch.float64, device=z.device)
    return _inverted(eye - slopes.double() + bent, n=n)


def _diagonal(objective: Objective, v: Tensor, *, step: Tensor) -> Tensor:
    """Return the derivative of a prox that treats entries one by one, [n, d]."""
    return torch.func.jvp(lambda v: objective.prox(v, step), (v,), (torch.ones_like(v),))[1]


def _prox_matrix(objective: Objective, v: Tensor, *, step: Tensor) -> Tensor:
    def moved(rows: Objective, v: Tensor, *, index: Tensor) -> Tensor:
        return rows.prox(v, step[index])

    return _jacobian(objective, v, function=moved)


def _hessian(objective: Objective, z: Tensor) -> Tensor:
    """Return the matrix of second derivatives of f, [n, d, d], in float64."""
    quadratic = objective.quadratic
    if quadratic is not None:
        held = quadratic.hessian.tensor.double()
        return held.expand(z.shape[0], *held.shape[-2:]) if quadratic.hessian.shared else held

    def slope(rows: Objective, z: Tensor, *, index: Tensor) -> Tensor:
        del index
        return rows.gradient(z)

    matrix = _jacobian(objective, z, function=slope).double()
    return (matrix + matrix.mT) / 2


def _jacobian(objective: Objective, x: Tensor, *, function: Callable[..., Tensor]) -> Tensor:
    """Return the Jacobian of every sample, [n, d, d]: all samples along all axes at once."""
    n, d = x.shape
    eye = torch.eye(d, dtype=x.dtype, device=x.device)

    def matrices(index: Tensor) -> Tensor:
        wide = index.repeat_interleave(d)
        rows, axes = objective.rows(wide), eye.repeat(len(index), 1)
        found = torch.func.jvp(lambda x: function(rows, x, index=wide), (x[wide],), (axes,))[1]
        return found.reshape(len(index), d, d).mT

    parts = torch.arange(n, device=x.device).split(max(1, AT_ONCE // d**2))
    return torch.cat([matrices(index) for index in parts])


@final
@dataclass(frozen=True, slots=True, eq=False)
class _Inverted:
    """A system with the inverse of its matrix, [1, d, d] or [n, d, d], in float64."""

    matrix: Tensor
    inverse: Tensor
    samples: int

    def solve(self, r: Tensor) -> Tensor:
        """Return the product with the inverse."""
        return (self.inverse @ r.double().unsqueeze(-1)).squeeze(-1)

    def residual(self) -> Tensor:
        """Solve for a direction that has every entry."""
        probe = _probe(self.matrix[:, 0])
        left = (self.matrix @ self.solve(probe).unsqueeze(-1)).squeeze(-1) - probe
        return (left.norm(dim=1) / probe.norm(dim=1)).expand(self.samples)


def _inverted(matrix: Tensor, *, n: int) -> _Inverted:
    """Invert the matrix of every sample; a singular one is inverted where it can be."""
    inverse, failed = torch.linalg.inv_ex(matrix)
    missed = (matrix @ inverse).diagonal(dim1=1, dim2=2) - 1
    broken = (failed != 0) | ~(missed.abs().amax(1) < ROUNDING)
    if bool(broken.any()):
        inverse[broken] = _pseudo(matrix[broken])
    return _Inverted(matrix, inverse, n)


def _pseudo(matrix: Tensor) -> Tensor:
    finite = matrix.isfinite().flatten(1).all(1)
    safe = torch.where(finite[:, None, None], matrix, torch.zeros_like(matrix))
    return torch.where(
        finite[:, None, None], torch.linalg.pinv(safe), torch.full_like(matrix, torch.nan)
    )


def _probe(like: Tensor) -> Tensor:
    """Return a vector for every sample that no axis is orthogonal to."""
    phase = torch.arange(like.shape[-1], dtype=torch.float64, device=like.device)
    return torch.cos(1.7 * phase + 0.3).expand(like.shape)


@final
@dataclass(frozen=True, slots=True, eq=False)
class _Masked:
    """A system whose prox treats entries one by one: conjugate gradients on what is free.

    Entries at which the prox is flat do not move with the others. On the others the equation
    is symmetric: (1/p - 1 + t H) u = r/p with p the slope of the prox.
    """

    objective: Objective
    point: Tensor
    slopes: Tensor
    step: Tensor

    def solve(self, r: Tensor) -> Tensor:
        """Return the solution by conjugate gradients, differentiable in r."""
        free = self.slopes > 0
        scaled = torch.where(free, r.double() / self._safe, torch.zeros_like(self.slopes))
        found: Tensor = _Conjugate.apply(scaled, self)
        return torch.where(free, found, r.double())

    def residual(self) -> Tensor:
        """Solve for a direction that has every entry."""
        free = (self.slopes > 0).double()
        probe = _probe(self.slopes) * free
        left = self.times(self.conjugate(probe)) - probe
        size = probe.norm(dim=1)
        return left.norm(dim=1) / torch.where(size > 0, size, torch.ones_like(size))

    def times(self, u: Tensor) -> Tensor:
        """Multiply by the symmetric matrix of the entries that are free."""
        free = (self.slopes > 0).double()
        bent = self.step * self._curved(free * u)
        return free * ((1 / self._safe - 1) * u + bent)

    def conjugate(self, b: Tensor) -> Tensor:
        """Solve by conjugate gradients until rounding is all that is left."""
        u, r = torch.zeros_like(b), b.clone()
        p, old = r, (r * r).sum(1, keepdim=True)
        goal = FLOOR[self.point.dtype] ** 2 * old
        for _ in range(min(MOST, 4 * b.shape[1])):
            if bool((old <= goal).all()):
                break
            moved = self.times(p)
            length = _ratio(old, (p * moved).sum(1, keepdim=True))
            u, r = u + length * p, r - length * moved
            new = (r * r).sum(1, keepdim=True)
            p, old = r + _ratio(new, old) * p, new
        return u

    @property
    def _safe(self) -> Tensor:
        return torch.where(self.slopes > 0, self.slopes, torch.ones_like(self.slopes))

    def _curved(self, u: Tensor) -> Tensor:
        """Return the product with the matrix of second derivatives, [n, d]."""
        quadratic = self.objective.quadratic
        if quadratic is not None:
            return quadratic.hessian.double().times(u)
        z, along = self.point, u.to(self.point.dtype)
        return torch.func.jvp(self.objective.gradient, (z,), (along,))[1].double()


def _ratio(above: Tensor, below: Tensor) -> Tensor:
    good = below.abs() > 0
    return torch.where(good, above / torch.where(good, below, 1), torch.zeros_like(above))


@final
class _Conjugate(torch.autograd.Function):
    """The inverse of a symmetric matrix as a function: it is its own derivative."""

    @staticmethod
    def forward(b: Tensor, system: _Masked) -> Tensor:
        with torch.no_grad():
            return system.conjugate(b)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        del output
        ctx.system = inputs[1]

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, None]:
        return cast("Any", _Conjugate.apply)(grad_outputs[0], ctx.system), None

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Tensor) -> Tensor:
        return cast("Any", _Conjugate.apply)(grad_inputs[0], ctx.system)

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> tuple[Tensor, int | None]:
        del info
        (b, system), at = args, in_dims[0]
        apply = cast("Any", _Conjugate.apply)
        if at is None:
            return apply(b, system), None
        return torch.stack([apply(one, system) for one in b.unbind(at)]), 0
