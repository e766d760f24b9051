"""Find which discrete entries meet, and an order in which to remove them."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from math import prod
from typing import TYPE_CHECKING

from ebmdsl.concepts.interactions import MOST_ENTRIES, Interactions
from ebmdsl.plan.templates import counts, templates

if TYPE_CHECKING:
    from ebmdsl.check.model import Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.templates import Template

    Graph = dict[int, set[int]]
    Edges = tuple[tuple[int, int], ...]

ENDS = 2


def interactions(model: Model, names: tuple[str, ...], *, energy: Node) -> Interactions | None:
    """Return the interaction graph of latents; None where they are not all discrete."""
    held = counts(model, names)
    terms = None if held is None else templates(model, names, energy=energy)
    if held is None or terms is None:
        return None
    graph, whole = _graph(held, terms)
    order, tables = ((), (whole,)) if whole else _order(graph, held)
    paths = _paths(graph, held) if len(order) == len(held) else ()
    if paths:
        order = tuple(path[at] for at in range(len(paths[0])) for path in paths)
    largest = max(tables, key=lambda table: prod(held[site] for site in table), default=())
    return Interactions(
        held,
        tuple((a, b) for a, near in graph.items() for b in sorted(near) if a < b),
        order,
        tuple(prod(held[site] for site in table) for table in tables),
        paths,
        width=len(largest) - 1,
        worst=_described(model, names, sites=largest),
        evaluations=max((each.evaluations for each in terms), default=1),
    )


def _graph(held: tuple[int, ...], terms: tuple[Template, ...]) -> tuple[Graph, tuple[int, ...]]:
    """Join all entries that meet; return those that are too many to meet at once, if any."""
    graph: Graph = {site: set() for site in range(len(held))}
    for clique in (clique for term in terms for clique in term.cliques):
        if prod(held[site] for site in {*clique}) > MOST_ENTRIES:
            return graph, tuple(sorted({*clique}))
        for site in clique:
            graph[site] |= {*clique} - {site}
    return graph, ()


def _order(
    graph: Graph, held: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
    """Remove the entry with the smallest table again and again; stop at one too large.

    Ties go to the entry that is written first, so that a chain is read from its start.
    """
    left = {site: {*near} for site, near in graph.items()}
    queue = [(_size(site, near, held=held), site) for site, near in left.items()]
    heapify(queue)
    order: list[int] = []
    tables: list[tuple[int, ...]] = []
    while queue:
        size, site = heappop(queue)
        if site not in left or size != _size(site, left[site], held=held):
            continue
        near = left.pop(site)
        tables.append((site, *sorted(near)))
        if size > MOST_ENTRIES:
            break
        order.append(site)
        for other in near:
            left[other] = (left[other] | near) - {site, other}
            heappush(queue, (_size(other, left[other], held=held), other))
    return tuple(order), tuple(tables)


def _size(site: int, near: set[int], *, held: tuple[int, ...]) -> int:
    return held[site] * prod(held[other] for other in near)


def _paths(graph: Graph, held: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the entries in the order of their paths, if the graph is nothing but those."""
    alike = len({*held}) == 1 and all(len(near) <= ENDS for near in graph.values())
    seen: set[int] = set()
    found: list[tuple[int, ...]] = []
    for end in (site for site, near in graph.items() if len(near) == 1 and alike):
        if end not in seen:
            found.append(_path(graph, end))
            seen |= {*found[-1]}
    whole = len(seen) == len(held) and len({len(path) for path in found}) == 1
    return tuple(found) if whole else ()


def _path(graph: Graph, end: int) -> tuple[int, ...]:
    path, before, at = [end], -1, end
    while following := graph[at] - {before}:
        before, at = at, following.pop()
        path.append(at)
    return tuple(path)


def _described(model: Model, names: tuple[str, ...], *, sites: tuple[int, ...]) -> str:
    """Name the latents that some entries are of, with how many of each."""
    found: list[str] = []
    first = 0
    for declared in (model.find(name) for name in names):
        size = len(counts(model, (declared.name,)) or ()) if declared is not None else 0
        inside = sum(first <= site < first + size for site in sites)
        if inside and declared is not None:
            found.append(f"{inside} entries of `{declared.name}`")
        first += size
    return " and ".join(found)
