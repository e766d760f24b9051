"""`importance`: integrate over real latents by weighted draws around the minimum."""

from __future__ import annotations

from math import lgamma, log, pi
from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.curvature import axes, mode
from ebmdsl.concepts.marginals import Marginal, Marginalizer
from ebmdsl.concepts.problem import Accept
from ebmdsl.concepts.stepping import refusal_of_mode

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


@final
@concept("importance")
class Importance(Marginalizer):
    r"""The weighted mean over draws of a wide law: an estimate.

    $e^{-\beta F}$ is the mean of $e^{-\beta E} / q$ over draws of a law q. It is Student's law
    with 5 degrees of freedom at the minimum of the energy, as wide as the curvature there
    says. The error is the standard error of F: with weights w of n draws and the effective
    sample size $m = (\sum w)^2 / \sum w^2$ it is $\tfrac1\beta \sqrt{1/m - 1/n}$. It knows
    nothing of mass that no draw has met.

    References: Owen 2013, Monte Carlo theory, methods and examples, section 9.2;
    Geweke 1989, doi:10.2307/1913710
    """

    samples: int = 1000

    exact: ClassVar[bool] = False
    freedom: ClassVar[int] = 5
    widest: ClassVar[int] = 512

    def __post_init__(self) -> None:
        if self.samples < _FEWEST:
            raise ValueError(f"`samples` is at least {_FEWEST}, not {self.samples}")

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_mode(problem, "a proposal around it", widest=self.widest)
        if refusal is not None:
            return refusal
        return Accept(
            cost=(self.samples + 50.0 * problem.size) * problem.evaluation,
            reason=f"{self.samples} weighted draws around the minimum over {problem.name}",
            certificate="an estimate with its standard error",
        )

    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        with torch.no_grad():
            points, surprise = self._proposed(objective, like.detach(), beta=beta, rng=rng)
        n, s, d = points.shape
        index = torch.arange(n, device=like.device).repeat_interleave(s)
        flat = points.reshape(n * s, d).to(like.dtype)
        energy = objective.rows(index).smooth(flat).double().reshape(n, s)
        logs = surprise - beta * energy
        shares = torch.softmax(logs.detach(), -1)
        value = (log(s) - torch.logsumexp(logs, -1)) / beta
        error = ((shares**2).sum(-1) - 1 / s).clamp_min(0).sqrt() / beta
        mean = (shares.unsqueeze(-1) * points).sum(1)
        return Marginal(value.to(like.dtype), mean.to(like.dtype), error.to(like.dtype))

    def _proposed(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> tuple[Tensor, Tensor]:
        """Draw points, [n, s, d], and say how unlikely each of them was, [n, s]."""
        center = mode(objective, like).z
        scaled, (n, d) = axes(objective, center, beta=beta), like.shape
        size, freedom = (n, self.samples, d + self.freedom), self.freedom
        noise = torch.randn(size, generator=rng, dtype=torch.float64).to(like.device)
        heat = (noise[..., d:] ** 2).sum(-1) / freedom
        steps = noise[..., :d] / heat.sqrt().unsqueeze(-1)
        volume = torch.linalg.slogdet(scaled).logabsdet.unsqueeze(-1)
        known = lgamma(freedom / 2) - lgamma((freedom + d) / 2) + d / 2 * log(freedom * pi)
        far = (freedom + d) / 2 * torch.log1p((steps**2).sum(-1) / freedom)
        return center.double().unsqueeze(1) + steps @ scaled.mT, known + volume + far


_FEWEST = 2
