"""`laplace`: integrate over real latents as if the energy were quadratic at its minimum."""

from __future__ import annotations

from math import log, pi
from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.curvature import axes, curvature, factor, live_mode, mode
from ebmdsl.concepts.marginals import Marginal, Marginalizer
from ebmdsl.concepts.problem import Accept
from ebmdsl.concepts.stepping import refusal_of_mode

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


@final
@concept("laplace")
class Laplace(Marginalizer):
    r"""The integral of the quadratic that touches the energy at its minimum: an estimate.

    $F \approx E(z^*) + \tfrac1{2\beta} \log \det \tfrac{\beta H}{2\pi}$ with the minimizer
    $z^*$, found by Newton steps from `like`, and the curvature H there; it is exact where
    the energy is quadratic, and the closer to it the larger $\beta$ is. The gradient in the
    parameters is that of this value, through $z^*$ too. The error is estimated along the
    principal axes of H, one by one, by Gauss-Hermite sums of what the quadratic leaves out.

    References: Tierney & Kadane 1986, doi:10.1080/01621459.1986.10478240
    """

    exact: ClassVar[bool] = False
    expected: ClassVar[int] = 15
    widest: ClassVar[int] = 512

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_mode(problem, "a quadratic at the minimum", widest=self.widest)
        if refusal is not None:
            return refusal
        step = problem.size * 3.0 * problem.evaluation + float(problem.size) ** 3
        return Accept(
            cost=self.expected * step,
            reason=f"the energy is smooth in {problem.name}: its minimum and the curvature "
            "there tell its volume",
            certificate="an estimate; its error is estimated along each axis",
        )

    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        del rng
        found = mode(objective, like.detach()).z
        z = live_mode(objective, found) if torch.is_grad_enabled() else found
        lower = factor(curvature(objective, z))
        logs = 2 * lower.diagonal(dim1=-2, dim2=-1).log().sum(-1)
        volume = (logs + like.shape[1] * log(beta / (2 * pi))) / (2 * beta)
        value = (objective.smooth(found).double() + volume).to(like.dtype)
        error = _left_out(objective, found, beta=beta).to(like.dtype)
        mean = torch.where(value.isfinite().unsqueeze(-1), found, torch.nan)
        return Marginal(value, mean, error)


NODES = ((0.5246476232752903, 0.8049140900055128), (1.6506801238857845, 0.08131283544724518))


def _left_out(objective: Objective, z: Tensor, *, beta: float) -> Tensor:
    """Add up what the quadratic leaves out along every principal axis, [n]."""
    with torch.no_grad():
        scaled = axes(objective, z, beta=beta / 2)
        shares = [
            _along(objective, z, axis=scaled[:, :, i], beta=beta) for i in range(z.shape[1])
        ]
    return torch.stack(shares).log().abs().sum(0) / beta


def _along(objective: Objective, z: Tensor, *, axis: Tensor, beta: float) -> Tensor:
    """Return by which factor the volume along one axis is not that of the quadratic, [n]."""
    least = objective.smooth(z).double()
    total = torch.zeros_like(least)
    for at, weight in (*NODES, *((-at, weight) for at, weight in NODES)):
        rise = objective.smooth(z + at * axis.to(z.dtype)).double() - least
        total = total + weight / pi**0.5 * torch.exp(at**2 - beta * rise)
    return total
