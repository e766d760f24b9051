"""The mode of a smooth energy and the curvature there, for every sample."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.matrices import cholesky, eigen, length

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective

STEPS = 100
HALVINGS = 30


@final
class Mode(NamedTuple):
    """Where the energy is least, [n, d], and the length of its gradient there, [n]."""

    z: Tensor
    slope: Tensor


def curvature(objective: Objective, z: Tensor) -> Tensor:
    """Return the matrix of second derivatives at z, [n, d, d].

    While gradients are recorded it is differentiable in z and in the parameters.
    """
    if objective.quadratic is not None:
        matrix = objective.quadratic.hessian.tensor
        return matrix.expand(z.shape[0], *matrix.shape[-2:])
    live = torch.is_grad_enabled()
    with torch.enable_grad():
        at = z if z.requires_grad else z.detach().requires_grad_()
        slope = objective.gradient(at)
        rows = [_row(slope[:, i], at, live=live) for i in range(z.shape[1])]
    return torch.stack(rows, 1)


def _row(slope: Tensor, z: Tensor, *, live: bool) -> Tensor:
    if not slope.requires_grad:
        return torch.zeros_like(z)
    found = torch.autograd.grad(
        slope.sum(), z, retain_graph=True, create_graph=live, materialize_grads=True
    )
    return found[0]


def mode(objective: Objective, start: Tensor) -> Mode:
    r"""Find a stationary minimum of the smooth part from a start, every sample by itself.

    Newton steps $-|H|^{-1} \nabla E$ with the curvature's eigenvalues made positive, halved
    until the energy falls. The answer is a constant.

    References: Dauphin et al. 2014, arXiv:1406.2572
    """
    with torch.no_grad():
        z = _descended_to_rest(objective, start)
        return Mode(z, length(objective.gradient(z)).squeeze(-1))


def _descended_to_rest(objective: Objective, start: Tensor) -> Tensor:
    z, fine = start, 8 * torch.finfo(start.dtype).eps
    for _ in range(STEPS):
        slope = objective.gradient(z)
        step = _newton(curvature(objective, z), slope)
        taken = _descended(objective, z, step=step, slope=slope)
        still = (taken - z).abs().amax(-1) <= fine * (1 + z.abs().amax(-1))
        z = taken
        if bool(still.all()):
            break
    return z


def _newton(matrix: Tensor, slope: Tensor) -> Tensor:
    values, vectors = eigen(matrix.double())
    sizes = values.abs()
    floor = 1e-8 * sizes.amax(-1, keepdim=True).clamp_min(torch.finfo(sizes.dtype).tiny)
    turned = (vectors.mT @ slope.double().unsqueeze(-1)).squeeze(-1)
    step = vectors @ (turned / torch.maximum(sizes, floor)).unsqueeze(-1)
    return -step.squeeze(-1).to(slope.dtype)


def _descended(objective: Objective, z: Tensor, *, step: Tensor, slope: Tensor) -> Tensor:
    """Halve the step of every sample whose energy does not fall; a hopeless one stays."""
    before, descent = objective.smooth(z), (step * slope).sum(-1)
    slack = 8 * torch.finfo(z.dtype).eps * before.abs()
    size, found = torch.ones_like(before), z
    pending = torch.ones_like(before, dtype=torch.bool)
    for _ in range(HALVINGS):
        moved = z + size.unsqueeze(-1) * step
        good = pending & (objective.smooth(moved) <= before + 1e-4 * size * descent + slack)
        found = torch.where(good.unsqueeze(-1), moved, found)
        pending = pending & ~good
        if not bool(pending.any()):
            break
        size = torch.where(pending, size / 2, size)
    return found


def live_mode(objective: Objective, z: Tensor) -> Tensor:
    r"""Return the mode as a function of the parameters: $dz = -H^{-1}\, d\nabla E$.

    Its value is that of `z`, a mode that is known; its derivative is that of the implicit
    function theorem, by one Newton step from it.
    """
    matrix = curvature(objective, z.detach()).detach().double()
    slope = objective.gradient(z.detach()).double()
    change = (slope - slope.detach()).unsqueeze(-1)
    solved = cast("Tensor", torch.linalg.solve_ex(matrix, change)[0])
    return z.detach() - solved.squeeze(-1).to(z.dtype)


def axes(objective: Objective, z: Tensor, *, beta: float) -> Tensor:
    """Return axes, the columns of [n, d, d], along which beta * E rises at one rate from z.

    Where the energy is flat or falls, an axis is as long as that of the same bend upwards,
    and at most a thousand times as long as the shortest one.
    """
    with torch.no_grad():
        values, vectors = eigen(curvature(objective, z).double())
    sizes = values.abs()
    sizes = torch.maximum(sizes, _FLAT * sizes.amax(-1, keepdim=True))
    lengths = torch.where(sizes > 0, (beta * sizes).rsqrt(), torch.ones_like(sizes))
    return vectors * lengths.unsqueeze(-2)


_FLAT = 1e-6


def factor(matrix: Tensor) -> Tensor:
    """Return the Cholesky factor in float64, NaN where a matrix is not positive definite."""
    made, found = cholesky(matrix.double())
    return torch.where(found[..., None, None], made, torch.full_like(made, torch.nan))
