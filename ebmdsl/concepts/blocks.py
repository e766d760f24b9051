"""Blocks of discrete entries that are independent given all others: they move together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from math import ceil, exp, log
from typing import TYPE_CHECKING, Any, cast, final

from ebmdsl._record import record
from ebmdsl._torch import torch
from ebmdsl.concepts.sampling import energy_of

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem
    from ebmdsl.concepts.sampling import Chain, Site

TOGETHER = 2**14


@final
@record
class Couplings:
    """Which of some entries meet in an energy, in pairs, and in which it is not affine.

    Entries that are no pair add up in the energy, whatever the parameters are. It is affine
    in an entry that is not `curved`, given all others.
    """

    count: int
    pairs: tuple[tuple[int, int], ...] = ()
    curved: tuple[int, ...] = ()


@final
@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Entries that are independent given all others: their columns, [m, width], and values.

    `values` are [k, width]. `degree` bounds the degree of the energy as a polynomial in the
    entries, whose slopes then tell what a change costs; None: it is no polynomial.
    """

    columns: Tensor
    values: Tensor
    degree: int | None = None

    def put(self, z: Tensor, values: Tensor) -> Tensor:
        """Return the chains with these values, [n or 1, m, width], in the entries, [n, d]."""
        moved = z.clone()
        moved[:, self.columns.flatten()] = values.flatten(1).to(z).expand(z.shape[0], -1)
        return moved

    def index(self, z: Tensor) -> Tensor:
        """Return the number of the value of every entry, [n, m]."""
        own = z[:, self.columns].unsqueeze(2) == self.values.to(z)
        return own.all(-1).to(z.dtype).argmax(-1)

    def energies(self, objective: Objective, chain: Chain) -> Tensor:
        """Return the energy of every value of every entry given all others, [n, m, k].

        Only the differences between the values of one entry mean something.
        """
        if self.degree is None:
            return self._tried(objective, chain)
        if self.degree <= 1:
            slope = _slope(objective, chain.z, columns=self.columns)
            return slope @ self.values.to(chain.z).mT
        return self._along(objective, chain.z)

    def _along(self, objective: Objective, z: Tensor) -> Tensor:
        """Integrate the slope from one value to another; all entries go at once.

        They do not meet in the energy, so each slope is that of an entry alone. The nodes of
        Gauss and Legendre are exact for the degree.
        """
        values = self.values.to(z)
        base = torch.zeros_like(values[0]) if values.shape[1] > 1 else values[0]
        nodes = _nodes(ceil((self.degree or 1) / 2))
        found: list[Tensor] = []
        for value in values:
            way, total = value - base, z.new_zeros(z.shape[0], len(self.columns))
            for place, weight in nodes if bool((way != 0).any()) else ():
                at = (base + place * way).expand(1, len(self.columns), -1)
                slope = _slope(objective, self.put(z, at), columns=self.columns)
                total = total + weight * (slope @ way)
            found.append(total)
        return torch.stack(found, -1)

    def _tried(self, objective: Objective, chain: Chain) -> Tensor:
        """Evaluate the energy with one entry changed, for every entry and every value."""
        z, (m, k) = chain.z, (len(self.columns), len(self.values))
        n, now = z.shape[0], self.index(z)
        pairs = [(entry, by) for entry in range(m) for by in range(1, k)]
        some = max(1, TOGETHER // max(n, 1))
        tried = [
            self._changed(objective, z, now=now, pairs=pairs[low : low + some])
            for low in range(0, len(pairs), some)
        ]
        others = torch.cat([z.new_zeros(n, 0), *tried], 1).reshape(n, m, k - 1)
        own = chain.energy.reshape(n, 1, 1).expand(n, m, 1)
        order = (torch.arange(k, device=z.device) - now.unsqueeze(-1)) % k
        return torch.cat([own, others], -1).gather(-1, order)

    def _changed(
        self, objective: Objective, z: Tensor, *, now: Tensor, pairs: list[tuple[int, int]]
    ) -> Tensor:
        """Return the energies with one entry changed in each of some ways, [n, ways]."""
        n, count = z.shape[0], len(pairs)
        points = z.unsqueeze(1).repeat(1, count, 1)
        values = self.values.to(z)
        for at, (entry, by) in enumerate(pairs):
            points[:, at, self.columns[entry]] = values[(now[:, entry] + by) % len(values)]
        if count == 1:
            return energy_of(objective, points[:, 0]).unsqueeze(-1)
        index = torch.arange(n, device=z.device).repeat_interleave(count)
        return energy_of(objective.rows(index), points.flatten(0, 1)).reshape(n, count)


def _slope(objective: Objective, z: Tensor, *, columns: Tensor) -> Tensor:
    """Return the slope in some columns only, [n, m, width]."""
    flat, quadratic = columns.flatten(), objective.quadratic
    if quadratic is None:
        return objective.gradient(z)[:, columns]
    matrix = quadratic.hessian.tensor[..., flat]
    pull = z @ matrix if quadratic.hessian.shared else (z.unsqueeze(1) @ matrix)[:, 0]
    return (pull - quadratic.linear[:, flat]).reshape(z.shape[0], *columns.shape)


def _nodes(count: int) -> tuple[tuple[float, float], ...]:
    """Return places in [0, 1] and weights that integrate degree 2 count - 1 exactly."""
    order = torch.arange(1, count, dtype=torch.float64)
    beside = order / (4 * order**2 - 1).sqrt()
    matrix = torch.diag(beside, 1) + torch.diag(beside, -1)
    found = cast("tuple[Tensor, Tensor]", torch.linalg.eigh(matrix))
    places, weights = (found[0] + 1) / 2, found[1][0] ** 2
    return tuple(
        (float(place), float(weight)) for place, weight in zip(places, weights, strict=True)
    )


def alone(sites: tuple[Site, ...]) -> tuple[Block, ...]:
    """Return a block for every entry, where nothing is known of how they meet."""
    return tuple(Block(_columns(site).unsqueeze(0), site.values) for site in sites)


def blocks_of(sites: tuple[Site, ...], problem: Problem) -> tuple[Block, ...]:
    """Return the entries in blocks, as far as it is known which of them meet."""
    meeting = problem.couplings
    groups = [(at,) for at in range(len(sites))] if meeting is None else colors(meeting)
    found: list[Block] = []
    for group in groups:
        alike: dict[Any, list[Site]] = {}
        for at in group:
            listed = cast("list[list[float]]", sites[at].values.tolist())
            kind = (tuple(map(tuple, listed)), degree_of(problem, at))
            alike.setdefault(kind, []).append(sites[at])
        found += [_block(tuple(each), degree) for (_, degree), each in alike.items()]
    return tuple(found)


def degree_of(problem: Problem, at: int) -> int | None:
    """Return the degree of the energy in one entry; None where it is not known to have one."""
    if problem.couplings is None:
        return None
    if at not in problem.couplings.curved:
        return 1
    return None if problem.rough else problem.smooth.degree


def _block(sites: tuple[Site, ...], degree: int | None) -> Block:
    return Block(torch.stack([_columns(site) for site in sites]), sites[0].values, degree)


def _columns(site: Site) -> Tensor:
    return torch.arange(site.columns.start, site.columns.stop)


@lru_cache(maxsize=64)
def colors(meeting: Couplings) -> tuple[tuple[int, ...], ...]:
    """Color a graph so that entries of one color do not meet: two colors if two will do.

    Entries are colored outwards from the first of every part, each with the first color that
    none of its neighbors has. References: Welsh & Powell 1967, doi:10.1093/comjnl/10.1.85
    """
    near = _near(meeting)
    color: dict[int, int] = {}
    for site in _outwards(near):
        taken = {color[other] for other in near[site] if other in color}
        color[site] = next(c for c in range(len(taken) + 1) if c not in taken)
    groups: list[list[int]] = [[] for _ in range(max(color.values(), default=-1) + 1)]
    for site in range(len(near)):
        groups[color[site]].append(site)
    return tuple(tuple(group) for group in groups)


def _outwards(near: list[set[int]]) -> list[int]:
    """List all entries, each but the first of a part after one of its neighbors."""
    found: dict[int, None] = {}
    waiting = deque(range(len(near)))
    while waiting:
        site = waiting.popleft()
        if site not in found:
            found[site] = None
            waiting.extendleft(sorted(near[site] - found.keys(), reverse=True))
    return list(found)


def _near(meeting: Couplings) -> list[set[int]]:
    near: list[set[int]] = [set() for _ in range(meeting.count)]
    for low, high in meeting.pairs:
        near[low].add(high)
        near[high].add(low)
    return near


def sweep(problem: Problem) -> tuple[float, str]:
    """Return how many energies it costs to draw every entry once, and say in what way."""
    meeting, values = problem.couplings, _values(problem)
    if meeting is None:
        count = max(problem.size * (values - 1), 1.0)
        return count, f"{count:.0f} energies"
    groups = colors(meeting)
    cost = sum(_cost(problem, group, values=values) for group in groups)
    blocks = "one block" if len(groups) == 1 else f"{len(groups)} blocks"
    return max(cost, 1.0), f"{blocks} of entries that do not meet"


def _cost(problem: Problem, group: tuple[int, ...], *, values: float) -> float:
    """Return how many energies it costs to draw a block: slopes, or every change."""
    degrees = [degree_of(problem, at) for at in group]
    tried = sum(degree is None for degree in degrees) * (values - 1)
    known = [degree for degree in degrees if degree is not None]
    if not known:
        return tried
    return tried + _SLOPE * (1 if max(known) <= 1 else (values - 1) * ceil(max(known) / 2))


def _values(problem: Problem) -> float:
    """Return how many values an entry has, in the mean; one-hot entries by their columns."""
    count = problem.size if problem.couplings is None else problem.couplings.count
    if problem.couplings is None and problem.domain in ("onehot", "mixed"):
        return 2.0
    return exp(log(max(problem.states or 1, 1)) / max(count, 1))


_SLOPE = 3.0
