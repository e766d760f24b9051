"""What samplers share: noise from outside, sites, walls, choices that are never NaN."""

from __future__ import annotations

from math import inf, log, nan
from typing import Any

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.domain import Domain
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.problem import Problem, Rough
from ebmdsl.concepts.sampling import (
    Draws,
    Pace,
    begin,
    chosen,
    energy_of,
    folded,
    outside,
    refusal_of_slope,
    refusal_of_walk,
    seen,
    share,
    sites_of,
    sound,
    walk,
)
from ebmdsl.lower.objective import Box, Objective, Smooth, Term
from ebmdsl.std.functions.l1 import L1
from ebmdsl.std.samplers.langevin import Langevin
from ebmdsl.std.samplers.metropolis import Metropolis

ANALYTIC = Facts(smoothness=Smoothness.ANALYTIC)
HALVES = Objective(
    smooth_part=Smooth(lambda z: (z**2).sum(-1) / 2),
    terms=(Term(L1(), torch.tensor(2.0)),),
    box=Box(low=0, high=1),
)


def test_noise_is_drawn_from_the_generator_that_is_given() -> None:
    like = torch.zeros(4, 3, dtype=torch.float64)
    first, second = (
        Draws(normal=3, uniform=2).noise(like, torch.Generator().manual_seed(1))
        for _ in range(2)
    )
    assert torch.equal(first.normal, second.normal)
    assert torch.equal(first.uniform, second.uniform)
    assert (first.normal.shape, first.uniform.shape) == ((4, 3), (4, 2))
    assert first.normal.dtype is torch.float64


@pytest.mark.parametrize(
    ("domain", "shape", "count", "width", "values"),
    [
        (Domain("binary"), (2, 3), 6, 1, [[0.0], [1.0]]),
        (Domain("spin"), (3,), 3, 1, [[-1.0], [1.0]]),
        (Domain("token", 3), (), 1, 1, [[0], [1], [2]]),
        (Domain("onehot"), (4, 2), 4, 2, [[1.0, 0.0], [0.0, 1.0]]),
    ],
    ids=str,
)
def test_entries_of_few_values_are_listed(
    domain: Domain, shape: tuple[int, ...], count: int, width: int, values: Any
) -> None:
    found = sites_of(domain, shape, first=5)
    assert len(found) == count
    assert [site.first for site in found] == [5 + width * i for i in range(count)]
    assert found[0].values.tolist() == values


def test_a_continuum_has_no_sites() -> None:
    assert sites_of(Domain("real"), (3,)) == ()


def test_a_site_reads_and_writes_its_own_columns() -> None:
    site = sites_of(Domain("onehot"), (2, 3))[1]
    z = torch.tensor([[1.0, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, 1]])
    assert site.index(z).tolist() == [1, 2]
    moved = site.put(z, torch.tensor([0, 1]))
    assert moved.tolist() == [[1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 0]]
    assert site.index(z).tolist() == [1, 2]


def test_the_energy_has_its_rough_part() -> None:
    z = torch.tensor([[1.0, 0.5]])
    assert energy_of(HALVES, z).tolist() == [3.625]


def test_walls_reflect_once_and_stop_what_is_farther() -> None:
    z = torch.tensor([[-0.25, 1.25, 0.5, 9.0]])
    assert outside(HALVES, z).tolist() == [[True, True, False, True]]
    assert folded(HALVES, z).tolist() == [[0.25, 0.75, 0.5, 0.0]]


@pytest.mark.parametrize(
    ("gain", "uniform", "share", "taken"),
    [
        (1.0, 0.999, 1.0, True),
        (-log(2), 0.49, 0.5, True),
        (-log(2), 0.51, 0.5, False),
        (-inf, 0.0, 0.0, False),
        (inf, 0.999, 1.0, True),
        (nan, 0.0, 0.0, False),
    ],
)
def test_a_proposal_is_taken_by_its_gain(
    gain: float, uniform: float, share: float, taken: bool
) -> None:
    here, there = (begin(HALVES, torch.full((1, 2), at)) for at in (0.25, 0.75))
    after = chosen(here, there, gain=torch.tensor([gain]), uniform=torch.tensor([uniform]))
    assert after.accepted.item() == pytest.approx(share)
    expected: Tensor = (there if taken else here).z
    assert torch.equal(after.z, expected)


def test_the_energy_is_known_at_the_end_of_a_walk_that_does_not_look_at_it() -> None:
    bowl = Objective(smooth_part=Smooth(lambda z: (z**2).sum(-1) / 2))
    kernel, start = Langevin(steps=3), torch.ones(4, 2)
    first = kernel.start(bowl, start)
    noise = kernel.draws(bowl, 2).noise(start, torch.Generator().manual_seed(0))
    after = kernel.step(bowl, first, noise=noise)
    assert after.energy.isnan().all()
    assert torch.equal(seen(kernel, bowl, chain=after).energy, bowl.value(after.z))
    careful = Metropolis(steps=3)
    assert seen(careful, bowl, chain=first) is first
    end = walk(kernel, bowl, start=start, rng=torch.Generator().manual_seed(0))
    assert torch.equal(end.energy, bowl.value(end.z))


def test_a_pace_is_found_while_a_chain_is_warm_and_then_kept() -> None:
    pace = Pace(0.5, 0.8, 3)
    chain = begin(HALVES, torch.full((2, 2), 0.5))._replace(
        tuning=pace.begin(torch.zeros(2, 2))
    )
    assert pace.length(chain.tuning).flatten().tolist() == pytest.approx([0.5, 0.5])
    refused = chain._replace(accepted=torch.tensor([0.0, 1.0]))
    for _ in range(3):
        refused = refused._replace(tuning=pace.after(refused))
    short, long = pace.length(refused.tuning).flatten().tolist()
    assert short < long
    assert torch.equal(pace.after(refused), refused.tuning)
    assert torch.equal(Pace(0.5, None, 3).after(chain), chain.tuning)


def test_options_of_no_chain_are_refused() -> None:
    sound(0, rate=0.1, accept=None)
    with pytest.raises(ValueError, match="`steps` is at least 0, not -1"):
        sound(-1)
    with pytest.raises(ValueError, match="`scale` is above zero, not nan"):
        sound(1, scale=nan)
    share(None)
    with pytest.raises(ValueError, match="`accept` is between 0 and 1, not 1"):
        share(1.0)


def test_refusals_name_what_is_in_the_way() -> None:
    states = Problem(("h",), 2, "binary", ANALYTIC, states=4)
    ball = Problem(("z",), 2, "sphere", ANALYTIC)
    both = Problem(("z", "h"), 2, "mixed", ANALYTIC)
    kinked = Problem(("z",), 2, "real", ANALYTIC, (Rough("l1(z)", "l1"),))
    steps = Problem(("z",), 2, "real", Facts(smoothness=Smoothness.C0))
    said = [refusal_of_slope(one, "a step") for one in (states, ball, both, kinked, steps)]
    assert [one.reason for one in said if one is not None] == [
        "`h` takes finitely many values; a step needs a continuum",
        "a step leaves the set of `z`, which is sphere",
        "the parts of `z, h` differ in kind; a step needs real ones",
        "`l1(z)` has a kink; a step needs a derivative there",
        "the energy has kinks in `z`; a step needs a derivative",
    ]
    assert refusal_of_walk(kinked, "a step") is None
