"""`variable_elimination`: sum discrete entries out one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.buckets import Free, marginals, picked, swept
from ebmdsl.concepts.factors import factors_of, mean_of, point_of
from ebmdsl.concepts.interactions import verdict
from ebmdsl.concepts.marginals import Marginal, Marginalizer

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


@final
@concept("variable_elimination")
class VariableElimination(Marginalizer):
    r"""The sum over discrete entries, one entry at a time in a good order: exact.

    Removing an entry adds up the terms that it is in, as a table over the entries that it
    meets, and sums it out; a chain costs what the forward algorithm costs. Posterior means
    come from a sweep back, and so do exact draws.

    References: Dechter 1999, doi:10.1016/S0004-3702(99)00059-4; Rabiner 1989,
    doi:10.1109/5.18626
    """

    draws: ClassVar[bool] = True

    def accepts(self, problem: Problem) -> Verdict:
        return verdict(problem)

    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        del rng
        factors = factors_of(objective, self.word)
        value, buckets = swept(factors, Free(beta))
        found = marginals(buckets, beta)
        shares = tuple(found[site] for site in range(len(objective.sites)))
        mean = mean_of(objective, shares, like=like).expand_as(like)
        value = value.expand(like.shape[0])
        return Marginal(value, mean.detach(), torch.zeros_like(value))

    def draw(self, objective: Objective, like: Tensor, *, beta: float, rng: Any) -> Tensor:
        ring = Free(beta, rng)
        _, buckets = swept(factors_of(objective, self.word), ring)
        return point_of(objective, picked(buckets, ring, samples=like.shape[0]), like=like)
