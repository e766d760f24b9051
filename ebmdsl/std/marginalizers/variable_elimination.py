"""`variable_elimination`: sum discrete entries out one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.buckets import Free, marginals, picked, swept
from ebmdsl.concepts.chains import (
    by_site,
    chain_of,
    drawn,
    forward,
    laws,
    log_sum,
    sound,
    widened,
)
from ebmdsl.concepts.factors import factors_of, mean_of, point_of
from ebmdsl.concepts.interactions import verdict
from ebmdsl.concepts.marginals import Marginal, Marginalizer

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.factors import Factors
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
        factors, n = factors_of(objective, self.word), like.shape[0]
        value, found = _along(factors, beta) or _swept(factors, beta)
        mean = mean_of(objective, found, like=like).expand_as(like)
        value = value.expand(n)
        return Marginal(value, mean.detach(), torch.zeros_like(value))

    def draw(self, objective: Objective, like: Tensor, *, beta: float, rng: Any) -> Tensor:
        factors, n = factors_of(objective, self.word), like.shape[0]
        chain = chain_of(factors, beta)
        seen = None if chain is None else forward(chain)
        if chain is None or seen is None or not sound(seen):
            ring = Free(beta, rng)
            _, buckets = swept(factors, ring)
            return point_of(objective, picked(buckets, ring, samples=n), like=like)
        if len(chain.scale) < n:
            chain, seen = widened(chain, seen, times=n)
        states = drawn(chain, seen, rng=rng)
        return point_of(objective, by_site(states.unsqueeze(-1), factors)[..., 0].T, like=like)


def _along(factors: Factors, beta: float) -> tuple[Tensor, tuple[Tensor, ...]] | None:
    """Run along chains; None where there are none, or where too much is nearly impossible."""
    chain = chain_of(factors, beta)
    if chain is None:
        return None
    value, seen = log_sum(chain)
    if not sound(seen):
        return None
    with torch.no_grad():
        found = by_site(laws(chain, seen), factors)
    return -value / beta, tuple(found)


def _swept(factors: Factors, beta: float) -> tuple[Tensor, tuple[Tensor, ...]]:
    value, buckets = swept(factors, Free(beta))
    with torch.no_grad():
        found = marginals(buckets, beta)
    return value, tuple(found[site] for site in range(len(factors.graph.counts)))
