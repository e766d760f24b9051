"""Blocks: colors of graphs, and what a change of an entry costs, from slopes or energies."""

from __future__ import annotations

from itertools import product
from typing import Any

import networkx as nx
import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.blocks import Block, Couplings, alone, blocks_of, colors, sweep
from ebmdsl.concepts.domain import Domain
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.problem import Problem, Rough
from ebmdsl.concepts.sampling import begin, sites_of
from ebmdsl.lower.objective import Objective, Smooth


def graph_of(edges: Any, count: int, *, curved: bool = False) -> Couplings:
    pairs = tuple((int(a), int(b)) for a, b in edges)
    return Couplings(count, pairs, tuple(range(count)) if curved else ())


def grid(height: int, width: int) -> Couplings:
    lattice = nx.convert_node_labels_to_integers(nx.grid_2d_graph(height, width))
    return graph_of(lattice.edges, height * width)


@pytest.mark.parametrize(
    ("edges", "count", "least"),
    [
        ([], 4, 1),
        (nx.grid_2d_graph(5, 7), 35, 2),
        (nx.complete_bipartite_graph(6, 9), 15, 2),
        (nx.cycle_graph(12), 12, 2),
        (nx.random_labeled_tree(40, seed=3), 40, 2),
        (nx.complete_graph(6), 6, 6),
        (nx.cycle_graph(7), 7, 3),
    ],
    ids=lambda one: str(one) if not isinstance(one, list) else "none",
)
def test_no_two_of_a_color_meet_and_two_colors_do_where_they_can(
    edges: Any, count: int, least: int
) -> None:
    if not isinstance(edges, list):
        edges = nx.convert_node_labels_to_integers(edges).edges
    graph = graph_of(edges, count)
    found = colors(graph)
    assert sorted(site for group in found for site in group) == list(range(count))
    color = {site: c for c, group in enumerate(found) for site in group}
    assert all(color[a] != color[b] for a, b in graph.pairs)
    assert len(found) == least


def test_two_colors_for_every_graph_that_has_two() -> None:
    for seed in range(30):
        graph = nx.bipartite.random_graph(8, 9, 0.3, seed=seed)
        assert len(colors(graph_of(graph.edges, 17))) <= 2


def _objective(domain: Domain, shape: tuple[int, ...], degree: int) -> Objective:
    """Return a chain in which neighbors meet, of this degree in every entry alone."""
    sites = sites_of(domain, shape)
    width = sites[0].values.shape[1]
    pull = torch.randn(sites[-1].columns.stop, generator=torch.Generator().manual_seed(1))

    def energy(z: Tensor) -> Tensor:
        own = z.unflatten(-1, (-1, width))
        value = (own[:, 1:] * own[:, :-1]).sum((1, 2)) + z @ pull.to(z)
        for power in range(2, degree + 1):
            value = value + ((own * own.roll(1, -1)) ** (power / 2)).sum((1, 2)) / power
        return value

    return Objective(smooth_part=Smooth(energy), sites=sites)


@pytest.mark.parametrize("degree", [1, 2, 4])
@pytest.mark.parametrize(
    ("domain", "shape"),
    [
        (Domain("binary"), (6,)),
        (Domain("spin"), (6,)),
        (Domain("onehot"), (5, 3)),
        (Domain("token", 4), (5,)),
    ],
    ids=str,
)
def test_slopes_and_energies_say_the_same(
    domain: Domain, shape: tuple[int, ...], degree: int
) -> None:
    objective = _objective(domain, shape, degree)
    sites, rng = objective.sites, torch.Generator().manual_seed(2)
    z = torch.zeros(9, sites[-1].columns.stop, dtype=torch.float64)
    for site in sites:
        z = site.put(z, torch.randint(len(site.values), (9,), generator=rng))
    count = len(sites)
    edges = [(at, at + 1) for at in range(count - 1)]
    graph = graph_of(edges, count, curved=degree > 1)
    problem = Problem(
        ("h",), z.shape[1], domain.name, Facts(degree=max(degree, 2)),
        states=domain.states(shape), couplings=graph,
    )  # fmt: skip
    chain = begin(objective, z)
    for block in blocks_of(sites, problem):
        known = block.energies(objective, chain)
        tried = Block(block.columns, block.values).energies(objective, chain)
        torch.testing.assert_close(
            known - known[..., :1], tried - tried[..., :1], rtol=0, atol=1e-12
        )


def test_entries_that_are_tried_one_by_one_differ_in_one_place() -> None:
    spins = sites_of(Domain("spin"), (4,))
    weights = torch.tensor([1.0, 2.0, 4.0, 8.0], dtype=torch.float64)
    objective = Objective(smooth_part=Smooth(lambda z: (z @ weights) ** 3), sites=spins)
    states = torch.tensor(list(product((-1.0, 1.0), repeat=4)), dtype=torch.float64)
    whole = Block(torch.arange(4).unsqueeze(1), spins[0].values)
    found = whole.energies(objective, begin(objective, states))
    for at, block in enumerate(alone(spins)):
        one = block.energies(objective, begin(objective, states))
        torch.testing.assert_close(one[:, 0], found[:, at])
        for by in range(2):
            moved = spins[at].put(states, torch.full((16,), by))
            torch.testing.assert_close(found[:, at, by], objective.value(moved))


def test_values_of_two_kinds_move_apart() -> None:
    sites = (*sites_of(Domain("binary"), (2,)), *sites_of(Domain("onehot"), (3,), first=2))
    problem = Problem(
        ("h", "z"), 5, "mixed", Facts(degree=2), states=12, couplings=graph_of([], 3)
    )
    found = blocks_of(sites, problem)
    assert [block.columns.tolist() for block in found] == [[[0], [1]], [[2, 3, 4]]]


@pytest.mark.parametrize(
    ("problem", "count", "way"),
    [
        (Problem(("h",), 12, "binary", Facts(), states=2**12), 12.0, "12 energies"),
        (
            Problem(
                ("h",), 35, "spin", Facts(degree=2), states=2**35, couplings=grid(5, 7)
            ),
            6.0,
            "2 blocks of entries that do not meet",
        ),
        (
            Problem(
                ("h",), 35, "spin", Facts(degree=2), (Rough("l1(h)", "l1"),), states=2**35,
                couplings=graph_of([], 35, curved=True),
            ),
            35.0,
            "one block of entries that do not meet",
        ),
    ],
    ids=["unknown", "grid", "kinked"],
)  # fmt: skip
def test_a_sweep_costs_what_it_takes(problem: Problem, count: float, way: str) -> None:
    assert sweep(problem) == (count, way)
