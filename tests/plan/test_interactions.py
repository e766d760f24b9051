"""The interaction graph: which entries meet, in which order they go, what that costs."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.interactions import Interactions
from tests.lower.states import GRID, HIDDEN_CHAIN, PARALLEL, SECOND_ORDER
from tests.plan.plans import plan_of


def _graph(text: str, ring: str = "marginalize") -> Interactions:
    plan, found = plan_of(text.replace("RING", ring))
    assert plan is not None, [each.message for each in found]
    problem = plan.eliminations[0].problem
    assert problem is not None
    assert problem.interactions is not None
    return problem.interactions


def test_a_chain_is_a_path_and_its_tables_are_pairs() -> None:
    graph = _graph(HIDDEN_CHAIN)
    assert graph.cliques == tuple((t, t + 1) for t in range(4))
    assert graph.paths == (tuple(range(5)),)
    assert graph.sizes == (9, 9, 9, 9, 3)


@pytest.mark.parametrize("length", [64, 256])
def test_the_work_on_a_chain_grows_with_its_length_and_not_faster(length: int) -> None:
    text = HIDDEN_CHAIN.replace("k = 3, T = 5", f"k = 64, T = {length}")
    graph = _graph(text)
    assert graph.work == (length - 1) * 64**2 + 64


def test_chains_side_by_side_are_paths() -> None:
    graph = _graph(PARALLEL)
    assert graph.paths == ((0, 1, 2, 3), (4, 5, 6, 7))
    assert graph.largest == 9


def test_a_grid_has_tables_of_its_shorter_side() -> None:
    graph = _graph(GRID.replace("U = 4", "U = 8"))
    assert len(graph.counts) == 24
    assert not graph.paths
    assert graph.width <= 4
    assert graph.largest <= 2**5


def test_a_longer_reach_makes_wider_tables() -> None:
    text = SECOND_ORDER.replace("T = 5", "T = 40")
    alone = text.replace("cost whole = a * (sum[t](s[t]) - 2)^2 / 5\n", "")
    assert _graph(alone).width == 2
    assert not _graph(text).possible


def test_what_is_fully_connected_is_refused_with_its_memory() -> None:
    text = """model full(d = 60)
observed y : real[d]
latent s : binary[d]
param J : real[d, d]
cost pull = s @ J @ s - dot(y, s)
infer s by marginalize
"""
    plan, _ = plan_of(text)
    assert plan is not None
    (step,) = plan.eliminations
    refused = {each.method: each.reason for each in step.rejected}
    said = "60 entries of `s` meet at once: a table of 2^60 numbers, 4 EiB for one sample"
    assert refused["variable_elimination"] == said


def test_entries_that_do_not_meet_go_one_by_one() -> None:
    text = """model apart
observed y : real[6]
latent s : spin[6]
cost one = sum(exp(y * s)) + dot(y, s)
infer s by marginalize
"""
    graph = _graph(text)
    assert graph.cliques == ()
    assert graph.sizes == (2,) * 6
