"""Variable elimination over a semiring: minima, sums, marginals and draws by one sweep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, final

from ebmdsl._torch import torch

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.factors import Factors


class Ring(ABC):
    """How an entry is removed from a table of energies, and how its value is found again."""

    @abstractmethod
    def reduce(self, joint: Tensor) -> tuple[Tensor, Tensor]:
        """Remove the second axis of [n, values, …]; return also what finds a value again."""

    @abstractmethod
    def pick(self, kept: Tensor) -> Tensor:
        """Return the number of a value, [n], from what was kept at the others' values."""


@final
class Least(Ring):
    """The smallest energy, and where it is."""

    def reduce(self, joint: Tensor) -> tuple[Tensor, Tensor]:
        """Return the minimum; what is kept is the first of the best values."""
        best = joint.min(1)
        return best.values, best.indices.unsqueeze(1)

    def pick(self, kept: Tensor) -> Tensor:
        """Return the best value."""
        return kept[:, 0]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Free(Ring):
    r"""The free energy $-\tfrac1\beta \log \sum e^{-\beta E}$; values are drawn from it."""

    beta: float
    rng: Any = None

    def reduce(self, joint: Tensor) -> tuple[Tensor, Tensor]:
        """Return the free energy; what is impossible throughout stays so."""
        least = joint.detach().amin(1, keepdim=True)
        least = torch.where(least.isfinite(), least, torch.zeros_like(least))
        total = (-self.beta * (joint - least)).exp().sum(1)
        possible = total > 0
        logs = torch.where(possible, total, torch.ones_like(total)).log() / self.beta
        never = torch.full_like(total, torch.inf)
        value = torch.where(possible, least.squeeze(1) - logs, never)
        return torch.where(total.isnan(), total, value), joint

    def pick(self, kept: Tensor) -> Tensor:
        """Draw a value by its probability."""
        share = shares(kept, self.beta)
        uniform = torch.rand(share.shape[0], 1, generator=self.rng, dtype=share.dtype)
        steps = share.cumsum(1)
        over = uniform.to(share.device) * steps[:, -1:] < steps
        return over.to(torch.int8).argmax(1)


@final
class Bucket(NamedTuple):
    """What a ring keeps of all terms on one entry: [n, values or 1, *values of others]."""

    site: int
    others: tuple[int, ...]
    kept: Tensor


def swept(factors: Factors, ring: Ring) -> tuple[Tensor, list[Bucket]]:
    """Remove every entry; return what is left, [n], and the tables on the way.

    The cost is that of the tables: for a chain it is linear in its length.
    """
    graph = factors.graph
    pools: dict[int, list[tuple[tuple[int, ...], Tensor]]] = {s: [] for s in graph.order}
    rank = {site: at for at, site in enumerate(graph.order)}
    left: list[Tensor] = []

    def put(scope: tuple[int, ...], table: Tensor) -> None:
        if scope:
            pools[min(scope, key=rank.__getitem__)].append((scope, table))
        else:
            left.append(table)

    for group in factors.groups():
        for scope, table in zip(group.scopes, group.tables(), strict=True):
            put(*_once(scope, table))
    buckets: list[Bucket] = []
    for site in graph.order:
        others, joint = _gathered(site, pools.pop(site), count=graph.counts[site], left=left)
        message, kept = ring.reduce(joint)
        buckets.append(Bucket(site, others, kept))
        put(others, message)
    return _total(left), buckets


def _total(left: list[Tensor]) -> Tensor:
    total = left[0]
    for table in left[1:]:
        total = total + table
    return total


def _once(scope: tuple[int, ...], table: Tensor) -> tuple[tuple[int, ...], Tensor]:
    """Take the diagonal where a term names an entry twice."""
    for at, site in enumerate(scope):
        if site in scope[:at]:
            first = scope.index(site)
            rest = scope[:first] + scope[first + 1 : at] + scope[at + 1 :]
            return _once((*rest, site), table.diagonal(dim1=first + 1, dim2=at + 1))
    return scope, table


def _gathered(
    site: int, terms: list[tuple[tuple[int, ...], Tensor]], *, count: int, left: list[Tensor]
) -> tuple[tuple[int, ...], Tensor]:
    """Add up all terms on an entry, [n, values, *values of others]."""
    others = tuple(sorted({each for scope, _ in terms for each in scope} - {site}))
    axes = (site, *others)
    tables = [_spread(scope, table, axes=axes) for scope, table in terms]
    if not tables:
        tables = [left[0].new_zeros([1, count]) if left else torch.zeros(1, count)]
    return others, _total(tables)


def _spread(scope: tuple[int, ...], table: Tensor, *, axes: tuple[int, ...]) -> Tensor:
    """Give a table the axes of a larger one, of length 1 where it has none."""
    order = [scope.index(axis) + 1 for axis in axes if axis in scope]
    sizes = iter(table.permute([0, *order]).shape[1:])
    shape = [next(sizes) if axis in scope else 1 for axis in axes]
    return table.permute([0, *order]).reshape([table.shape[0], *shape])


def picked(buckets: list[Bucket], ring: Ring, *, samples: int) -> Tensor:
    """Find the value of every entry, last removed first; by number, [n, entries]."""
    count = len(buckets)
    device = buckets[0].kept.device if buckets else None
    states = torch.zeros(samples, count, dtype=torch.long, device=device)
    for bucket in reversed(buckets):
        kept = bucket.kept
        rows = kept.expand([samples, *kept.shape[1:]])
        at = _flat(states, bucket, sizes=tuple(kept.shape[2:]))
        rows = rows.reshape(samples, kept.shape[1], -1)
        index = at.reshape(-1, 1, 1).expand(samples, kept.shape[1], 1)
        states[:, bucket.site] = ring.pick(rows.gather(2, index).squeeze(2))
    return states


def _flat(states: Tensor, bucket: Bucket, *, sizes: tuple[int, ...]) -> Tensor:
    at = torch.zeros_like(states[:, 0])
    for site, size in zip(bucket.others, sizes, strict=True):
        at = at * size + states[:, site]
    return at


def shares(energies: Tensor, beta: float) -> Tensor:
    """Return the probabilities of [n, values, …]; zeros where nothing is possible."""
    return torch.softmax(-beta * energies, 1).nan_to_num(nan=0.0)


def marginals(buckets: list[Bucket], beta: float) -> dict[int, Tensor]:
    """Return the probabilities of the values of every entry, [n, values].

    From the last entry on, each table is made the joint law of its entries: that of the
    others, known from the table that they went into, times the law of one given these.
    """
    rank = {bucket.site: at for at, bucket in enumerate(buckets)}
    laws: dict[int, tuple[tuple[int, ...], Tensor]] = {}
    found: dict[int, Tensor] = {}
    for bucket in reversed(buckets):
        law = shares(bucket.kept, beta)
        if bucket.others:
            above = laws[min(bucket.others, key=rank.__getitem__)]
            law = law * _kept(*above, kept=bucket.others).unsqueeze(1)
        laws[bucket.site] = ((bucket.site, *bucket.others), law)
        found[bucket.site] = law.reshape([*law.shape[:2], -1]).sum(2)
    return found


def _kept(axes: tuple[int, ...], law: Tensor, *, kept: tuple[int, ...]) -> Tensor:
    """Return the law of some of the entries."""
    gone = [at + 1 for at, axis in enumerate(axes) if axis not in kept]
    law = law.sum(gone) if gone else law
    rest = [axis for axis in axes if axis in kept]
    return law.permute([0, *(rest.index(axis) + 1 for axis in kept)])
