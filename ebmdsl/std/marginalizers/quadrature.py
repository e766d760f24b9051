"""`quadrature`: integrate over up to three dimensions on a grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.curvature import axes, mode
from ebmdsl.concepts.marginals import Marginal, Marginalizer
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.concepts.sampling import energy_of
from ebmdsl.std.grids import Affine, Integral, Orthant, integrate, orthants

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict
    from ebmdsl.std.grids import Chart


@final
@concept("quadrature")
class Quadrature(Marginalizer):
    """The integral over a grid that is refined until it stays the same, to some 1e-9.

    Real latents are integrated along the axes of the energy's curvature at its minimum,
    nonnegative ones and the orthants of an energy with kinks in double exponential
    coordinates. The grid of every sample is moved to where its mass is. A sample whose
    integral is not finite, or whose mass is nowhere found, is NaN.

    References: Trefethen & Weideman 2014, doi:10.1137/130932132;
    Takahasi & Mori 1974, doi:10.2977/prims/1195192451
    """

    exact: ClassVar[bool] = False
    converges: ClassVar[bool] = True
    most: ClassVar[int] = 3
    points: ClassVar[tuple[int, ...]] = (1, 129, 65**2, 33**3)

    def accepts(self, problem: Problem) -> Verdict:
        if problem.discrete:
            return Refuse(
                f"{problem.name} takes finitely many values; a grid is of a continuum"
            )
        if problem.domain not in ("real", "nonneg", "positive"):
            return Refuse(f"the set of {problem.name} is no line or half-line in each entry")
        if problem.size > self.most:
            return Refuse(f"{problem.name} has {problem.size:,} dimensions; a grid takes 3")
        if problem.smooth.affine and not problem.rough and problem.domain == "real":
            return Refuse(f"the energy does not grow with {problem.name}: no finite integral")
        return Accept(
            cost=3.0 * self.points[problem.size] * problem.evaluation,
            reason=f"{problem.size} dimensions are few enough for a grid",
            certificate="the difference between grids of two steps",
        )

    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        del rng

        def density(z: Tensor, index: Tensor) -> Tensor:
            return -beta * energy_of(objective.rows(index), z.to(like.dtype)).double()

        tol = 1e-10 if like.dtype == torch.float64 else 1e-6
        wide = like.detach().double()
        parts = [
            integrate(density, chart, like=wide, tol=tol)
            for chart in _charts(objective, like.detach(), beta=beta)
        ]
        return _added(parts, like, beta=beta)


def _added(parts: list[Integral], like: Tensor, *, beta: float) -> Marginal:
    """Add up the integrals over the parts of a set."""
    logs = torch.stack([part.log for part in parts])
    shares = torch.softmax(logs, 0)
    mean = sum(
        (share.unsqueeze(-1) * part.mean for share, part in zip(shares, parts, strict=True)),
        torch.zeros_like(parts[0].mean),
    )
    error = (shares * torch.stack([part.error for part in parts])).sum(0)
    value = -torch.logsumexp(logs, 0) / beta
    return Marginal(value.to(like.dtype), mean.to(like.dtype), (error / beta).to(like.dtype))


def _charts(objective: Objective, like: Tensor, *, beta: float) -> list[Chart]:
    """Return the coordinates: one orthant, all of them, or the axes of the curvature."""
    wide = like.double()
    if bool((objective.clip(torch.full_like(like, -1.0)) > -1).all()):
        return [Orthant(torch.ones_like(wide[0]))]
    if objective.is_rough:
        return [*orthants(like.shape[1], wide)]
    center = mode(objective, like).z
    scaled = torch.nan_to_num(axes(objective, center, beta=beta))
    return [Affine(center.double(), scaled)]
