"""`gaussian`: integrate a quadratic energy over real latents in closed form."""

from __future__ import annotations

from math import log, pi
from typing import TYPE_CHECKING, Any, ClassVar, cast, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Curvature
from ebmdsl.concepts.marginals import Completions, Marginal, Marginalizer
from ebmdsl.concepts.matrices import cholesky
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.concepts.stepping import refusal_of_matrix, refusal_of_smooth

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Quadratic, Verdict


@final
@concept("gaussian")
class Gaussian(Marginalizer):
    r"""The integral of a quadratic energy, in closed form: exact.

    For $E = \tfrac12 z^\top Q z - b^\top z + c$ it is $F = c - \tfrac12 b^\top Q^{-1} b +
    \tfrac1{2\beta} \log \det \tfrac{\beta Q}{2\pi}$, and the posterior is $\mathcal
    N(Q^{-1} b, (\beta Q)^{-1})$. The work is in float64. Where Q is not positive definite
    there is no integral: value, mean and draws are then NaN.

    References: Bishop 2006, Pattern Recognition and Machine Learning, section 2.3
    """

    draws: ClassVar[bool] = True
    completes: ClassVar[bool] = True

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_smooth(problem, "an integral") or _refusal(problem)
        if refusal is not None:
            return refusal
        each = float(problem.size) ** 3 / 3
        shared = each / problem.batch if problem.shared else each
        return Accept(
            cost=3.0 * problem.evaluation + shared + 2.0 * problem.size**2,
            reason=f"the energy is quadratic in {problem.name}: {_once(problem)}",
            certificate="exact; that its matrix is positive definite is checked",
        )

    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        del rng
        quadratic = _quadratic(objective)
        factor, linear = _factor(quadratic), quadratic.linear.double()
        mean = _solved(factor, linear)
        logs = 2 * factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        volume = (logs + like.shape[1] * log(beta / (2 * pi))) / (2 * beta)
        least = quadratic.constant.double() - (linear * mean).sum(-1) / 2
        value = (least + volume).to(like.dtype)
        return Marginal(value, mean.to(like.dtype), torch.zeros_like(value))

    def draw(self, objective: Objective, like: Tensor, *, beta: float, rng: Any) -> Tensor:
        quadratic = _quadratic(objective)
        factor = _factor(quadratic)
        noise = torch.randn(like.shape, generator=rng, dtype=torch.float64).to(like.device)
        spread = _unfolded(factor.mT, noise / beta**0.5, upper=True)
        return (_solved(factor, quadratic.linear.double()) + spread).to(like.dtype)

    def completions(self, objective: Objective, like: Tensor, *, beta: float) -> Completions:
        """Return 2d points with the posterior's mean and covariance: exact for a quadratic."""
        quadratic, d = _quadratic(objective), like.shape[1]
        factor = _factor(quadratic)
        mean = _solved(factor, quadratic.linear.double()).unsqueeze(1)
        axes = torch.eye(d, dtype=torch.float64, device=like.device) * (d / beta) ** 0.5
        steps = torch.linalg.solve_triangular(factor.mT, axes, upper=True).mT
        points = torch.cat([mean + steps, mean - steps], 1).to(like.dtype)
        return Completions(points, torch.full_like(points[..., 0], 1 / (2 * d)))


def _refusal(problem: Problem) -> Refuse | None:
    """Say why the integral is not that of a Gaussian, if so."""
    if not problem.quadratic:
        return Refuse(f"the energy is not proved quadratic in {problem.name}")
    if problem.smooth.affine:
        return Refuse(f"the energy does not grow with {problem.name}: the integral is infinite")
    if problem.smooth.curvature is Curvature.CONCAVE:
        return Refuse(f"the energy falls without end in {problem.name}: no integral is finite")
    return refusal_of_matrix(problem)


def _once(problem: Problem) -> str:
    return "one factorization" if problem.shared else "a factorization for each sample"


def _quadratic(objective: Objective) -> Quadratic:
    if objective.quadratic is None:
        raise TypeError("`gaussian` was planned for an energy that is not quadratic")
    return objective.quadratic


def _factor(quadratic: Quadratic) -> Tensor:
    """Return the Cholesky factor of Q; NaN where Q is not positive definite."""
    factor, found = cholesky(quadratic.hessian.tensor.double())
    return torch.where(found[..., None, None], factor, torch.full_like(factor, torch.nan))


def _solved(factor: Tensor, b: Tensor) -> Tensor:
    return _unfolded(factor.mT, _unfolded(factor, b, upper=False), upper=True)


def _unfolded(factor: Tensor, b: Tensor, *, upper: bool) -> Tensor:
    """Solve a triangular system for every sample, [n, d]."""
    shared = factor.dim() == _MATRIX
    rows = b.mT if shared else b.unsqueeze(-1)
    solved = cast("Tensor", torch.linalg.solve_triangular(factor, rows, upper=upper))
    return solved.mT if shared else solved.squeeze(-1)


_MATRIX = 2
