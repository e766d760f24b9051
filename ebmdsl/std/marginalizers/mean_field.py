"""`mean_field`: bound a sum over discrete latents by a law of independent entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.marginals import Marginal, Marginalizer
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.concepts.stepping import refusal_of_matrix

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Hessian, Objective, Problem, Quadratic, Verdict
    from ebmdsl.concepts.sampling import Site

    Shares = list[Tensor]


@final
@concept("mean_field")
class MeanField(Marginalizer):
    r"""The best law of independent entries: an upper bound.

    $F \le E_q[E] + \tfrac1\beta E_q[\log q]$ for every law q. The energy is quadratic in
    entries of few values, so $E_q[E]$ is known. Entry by entry q is set to $q_i(v) \propto
    e^{-\beta E_q[E | z_i = v]}$, which never raises the bound, until nothing changes; of
    several random starts the best bound counts. The gradient in the parameters is that of
    the bound at this q.

    References: Saul, Jaakkola & Jordan 1996, doi:10.1613/jair.251
    """

    sweeps: int = 500
    starts: int = 6

    exact: ClassVar[bool] = False
    bound: ClassVar[bool] = True
    expected: ClassVar[int] = 30

    def __post_init__(self) -> None:
        for name, count in (("sweeps", self.sweeps), ("starts", self.starts)):
            if count < 1:
                raise ValueError(f"`{name}` is at least 1, not {count}")

    def accepts(self, problem: Problem) -> Verdict:
        if not problem.discrete:
            return Refuse(f"{problem.name} is not made of entries that take few values")
        if problem.rough:
            term = problem.rough[0]
            return Refuse(f"`{term.text}` is not quadratic in {problem.name}", term.span)
        if not problem.quadratic:
            return Refuse(f"the energy is not proved quadratic in {problem.name}")
        if problem.smooth.affine:
            return Refuse(f"the energy is linear in {problem.name}: it needs no bound")
        refusal = refusal_of_matrix(problem)
        if refusal is not None:
            return refusal
        return Accept(
            cost=self.expected * float(problem.size) ** 2 + 3.0 * problem.evaluation,
            reason=f"the energy is quadratic in {problem.name}: its mean under independent "
            "entries is known",
            certificate="an upper bound on F",
        )

    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        if objective.quadratic is None:
            raise TypeError("`mean_field` was planned for an energy that is not quadratic")
        sites, quadratic = objective.sites, objective.quadratic
        with torch.no_grad():
            shares = self._best(quadratic, sites, like=like.detach(), beta=beta, rng=rng)
        value, mean = _bound(quadratic, shares, sites=sites, beta=beta)
        return Marginal(value, mean, torch.zeros_like(value))

    def _best(
        self,
        quadratic: Quadratic,
        sites: tuple[Site, ...],
        *,
        like: Tensor,
        beta: float,
        rng: Any,
    ) -> Shares:
        """Return the law with the least bound that any start leads to, for every sample."""
        best: Shares = []
        least = like.new_full(like.shape[:1], torch.inf)
        for _ in range(self.starts):
            shares = _started(sites, like=like, rng=rng)
            shares = self._settled(quadratic, sites, shares=shares, beta=beta)
            value = _bound(quadratic, shares, sites=sites, beta=beta)[0]
            better = (value < least).unsqueeze(-1)
            kept = best or shares
            best = [
                torch.where(better, new, old) for new, old in zip(shares, kept, strict=True)
            ]
            least = torch.minimum(value, least)
        return best

    def _settled(
        self, quadratic: Quadratic, sites: tuple[Site, ...], *, shares: Shares, beta: float
    ) -> Shares:
        """Set the law of one entry after the other until nothing changes."""
        mean = _mean(shares, sites)
        fine = 64 * torch.finfo(mean.dtype).eps
        for _ in range(self.sweeps):
            before = mean.clone()
            for at, site in enumerate(sites):
                shares[at] = _conditional(quadratic, site, mean=mean, beta=beta)
                mean[:, site.columns] = shares[at] @ site.values.to(mean)
            if not bool(((mean - before).abs() > fine).any()):
                break
        return shares


def _bound(
    quadratic: Quadratic, shares: Shares, *, sites: tuple[Site, ...], beta: float
) -> tuple[Tensor, Tensor]:
    """Return the mean of the energy less the entropy over beta, [n], and the mean of q."""
    mean = _mean(shares, sites)
    tiny = torch.finfo(mean.dtype).tiny
    logs = [(share * share.clamp_min(tiny).log()).sum(-1) for share in shares]
    energy = (mean * (quadratic.hessian.times(mean) / 2 - quadratic.linear)).sum(-1)
    own = _own(quadratic.hessian, shares, sites=sites, mean=mean)
    surprise = torch.stack(logs).sum(0) / beta
    return energy + quadratic.constant + own + surprise, mean


def _started(sites: tuple[Site, ...], *, like: Tensor, rng: Any) -> Shares:
    """Return random laws: symmetric energies are stationary at the uniform one."""
    counts, n = [len(site.values) for site in sites], like.shape[0]
    noise = torch.randn(n, sum(counts), generator=rng, dtype=like.dtype).to(like.device)
    return [torch.softmax(each, -1) for each in noise.split(counts, 1)]


def _mean(shares: Shares, sites: tuple[Site, ...]) -> Tensor:
    parts = (share @ site.values.to(share) for share, site in zip(shares, sites, strict=True))
    return torch.cat(list(parts), 1)


def _conditional(quadratic: Quadratic, site: Site, *, mean: Tensor, beta: float) -> Tensor:
    """Return the law of one entry that is best when the others stay, [n, k]."""
    columns, values = site.columns, site.values.to(mean)
    rows = quadratic.hessian.tensor[..., columns, :]
    inner = rows[..., :, columns]
    pull = torch.einsum("...ij,...j->...i", rows, mean) if rows.dim() > 2 else mean @ rows.mT
    own = mean[:, columns].unsqueeze(-2) @ inner
    field = pull - own.squeeze(-2) - quadratic.linear[:, columns]
    energy = field @ values.mT + _squares(inner, values)
    return torch.softmax(-beta * energy, -1)


def _squares(inner: Tensor, values: Tensor) -> Tensor:
    """Return half the quadratic form of every value, [k] or [n, k]."""
    return ((values @ inner) * values).sum(-1) / 2


def _own(hessian: Hessian, shares: Shares, *, sites: tuple[Site, ...], mean: Tensor) -> Tensor:
    """Return by how much squares of entries have another mean than squares of means, [n]."""
    total = torch.zeros_like(mean[:, 0])
    for share, site in zip(shares, sites, strict=True):
        inner = hessian.tensor[..., site.columns, site.columns]
        held = mean[:, site.columns].unsqueeze(-2)
        product = (held @ inner @ held.mT).flatten()
        total = total + (share * _squares(inner, site.values.to(mean))).sum(-1) - product / 2
    return total
