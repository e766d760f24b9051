"""`independent_units`: binary latents that do not interact are summed out one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.marginals import Marginal, Marginalizer
from ebmdsl.concepts.problem import Accept, Refuse

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


@final
@concept("independent_units")
class IndependentUnits(Marginalizer):
    r"""The sum over binary units that do not interact: exact.

    For $E = c + a \cdot h$ it is $F = c - \tfrac1\beta \sum_i \log(1 + e^{-\beta a_i})$ for
    binary units and $c - \tfrac1\beta \sum_i \log 2\cosh(\beta a_i)$ for spins; the
    posterior has independent entries, with $p(h_i = 1) = \sigma(-\beta a_i)$ for binary
    ones.

    References: Freund & Haussler 1992; Hinton 2002, doi:10.1162/089976602760128018
    """

    draws: ClassVar[bool] = True

    def accepts(self, problem: Problem) -> Verdict:
        if problem.domain not in ("binary", "spin"):
            return Refuse(f"{problem.name} is {problem.domain}; its entries must be binary")
        if problem.rough:
            term = problem.rough[0]
            return Refuse(f"`{term.text}` is not linear in {problem.name}", term.span)
        if not problem.smooth.affine:
            return Refuse(f"the energy is not linear in {problem.name}: its entries interact")
        return Accept(
            cost=3.0 * problem.evaluation + problem.size,
            reason=f"the energy is linear in {problem.name}: its entries are independent",
            certificate="exact",
        )

    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        del rng
        zero = torch.zeros_like(like)
        slope, constant = objective.gradient(zero), objective.smooth(zero)
        if _spins(objective):
            logs = softplus(-2 * beta * slope) + beta * slope
            mean = -torch.tanh(beta * slope)
        else:
            logs = softplus(-beta * slope)
            mean = torch.sigmoid(-beta * slope)
        value = constant - logs.sum(-1) / beta
        return Marginal(value, mean, torch.zeros_like(value))

    def draw(self, objective: Objective, like: Tensor, *, beta: float, rng: Any) -> Tensor:
        slope = objective.gradient(torch.zeros_like(like))
        spins = _spins(objective)
        share = torch.sigmoid(-(2 if spins else 1) * beta * slope)
        uniform = torch.rand(share.shape, generator=rng, dtype=like.dtype).to(like.device)
        drawn = (uniform < share).to(like)
        return 2 * drawn - 1 if spins else drawn


def softplus(x: Tensor) -> Tensor:
    """Return log(1 + e^x) without overflow."""
    return torch.logaddexp(x, torch.zeros_like(x))


def _spins(objective: Objective) -> bool:
    """Tell whether the units are -1 or 1, and not 0 or 1."""
    return bool(objective.sites) and float(objective.sites[0].values.min()) < 0
