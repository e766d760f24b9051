"""Every sampler on every law: it leaves the law as it is, or says why it does not take it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import sqrt
from typing import Any, cast

import pytest
import torch
from scipy.stats import chi2
from torch import Tensor

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.concepts.sampling import Chain, Noise, renew, walk
from ebmdsl.lower.objective import Box
from ebmdsl.std.samplers.hmc import Hmc, Phase, leapfrog
from ebmdsl.std.samplers.langevin import Langevin
from ebmdsl.std.samplers.mala import Mala
from tests.laws.targets import Target, refused, targets

DRAWS = 100_000  # chains that start in the law itself
CHAINS = 20_000  # chains that start elsewhere
ERRORS = 4.5  # standard errors: one in 150,000 checks fails by chance
RARE = 1e-5
WORDS = words(Sampler)
REVERSIBLE = ("metropolis", "mala", "hmc")


@cache
def laws() -> dict[str, Target]:
    return {one.name: one for one in targets()}


def sampler(word: str, **options: Any) -> Sampler:
    """Return a sampler with these options."""
    made: Sampler = cast("Any", find(Sampler, word))(**options)
    return made


def rng(seed: int = 0) -> torch.Generator:
    """Return a generator of its own."""
    return torch.Generator().manual_seed(seed)


PAIRS = [
    (word, one.name)
    for word in WORDS
    for one in targets()
    if isinstance(sampler(word).accepts(one.problem), Accept)
]
TAKEN = pytest.mark.parametrize(("word", "name"), PAIRS)
EACH = pytest.mark.parametrize("word", WORDS)


def went(kernel: Sampler, target: Target, start: Tensor, *, seed: int = 1) -> Chain:
    """Return where all steps lead from a start."""
    height = torch.zeros(len(start), dtype=torch.float64)
    return walk(kernel, target.objective(height), start=start, rng=rng(seed))


def expect_law(target: Target, z: Tensor, *, temperature: float = 1.0) -> None:
    """Compare independent points with the law: counts of states, or moments."""
    weights = target.weights(temperature)
    if target.problem.discrete:
        same = (z.unsqueeze(1) == target.points).all(-1)
        assert same.sum(-1).eq(1).all()
        _expect_counts(same.sum(0).double(), weights * len(z))
        return
    for features in (target.points, z):
        assert features.isfinite().all()
    known, found = _features(target.points), _features(z)
    mean = weights @ known
    error = ((known - mean) ** 2).T @ weights / len(z)
    gap = (found.mean(0) - mean).abs() / error.sqrt()
    assert gap.max() < ERRORS, gap


def _features(z: Tensor) -> Tensor:
    """Return first and second moments, a product and an odd function of all entries."""
    return torch.cat([z, z**2, z.prod(-1, keepdim=True), z.tanh() ** 3], -1)


def _expect_counts(found: Tensor, expected: Tensor) -> None:
    common = expected >= 5
    found = torch.cat([found[common], found[~common].sum()[None]])
    expected = torch.cat([expected[common], expected[~common].sum()[None]])
    kept = expected > 0
    distance = float(((found - expected)[kept] ** 2 / expected[kept]).sum())
    assert chi2.sf(distance, int(kept.sum()) - 1) > RARE


@EACH
@pytest.mark.parametrize("name", list(laws()))
def test_it_says_what_it_costs_or_why_it_does_not_take_a_law(word: str, name: str) -> None:
    verdict = sampler(word).accepts(laws()[name].problem)
    match verdict:
        case Refuse(reason=reason):
            assert len(reason.split()) >= 4
        case Accept(cost=cost, reason=reason, certificate=certificate):
            assert cost > 0
            assert reason
            assert certificate


@EACH
@pytest.mark.parametrize("problem", refused(), ids=lambda one: one.domain)
def test_a_set_that_steps_would_leave_is_refused(word: str, problem: Any) -> None:
    verdict = sampler(word).accepts(problem)
    assert isinstance(verdict, Refuse)
    assert len(verdict.reason.split()) >= 4


@pytest.mark.parametrize("name", list(laws()))
def test_every_law_is_taken_by_somebody(name: str) -> None:
    assert name in {taken for _, taken in PAIRS}


@EACH
def test_discrete_samplers_are_those_that_take_states(word: str) -> None:
    for one in laws().values():
        if isinstance(sampler(word).accepts(one.problem), Accept):
            assert one.problem.discrete == sampler(word).discrete


@TAKEN
def test_the_law_stays_as_it_is(word: str, name: str) -> None:
    target = laws()[name]
    start = target.draw(DRAWS, rng())
    expect_law(target, start)
    expect_law(target, went(sampler(word, steps=3), target, start).z)


@TAKEN
def test_the_law_is_reached_from_elsewhere(word: str, name: str) -> None:
    target = laws()[name]
    start = target.points[:1].expand(CHAINS, -1).clone()
    if not target.problem.discrete:
        start = torch.ones_like(start)
    steps = {"langevin": 700, "hmc": 40, "gibbs": 20}.get(word, 300)
    expect_law(target, went(sampler(word, steps=steps), target, start).z)


@TAKEN
def test_the_temperature_is_that_of_the_law(word: str, name: str) -> None:
    target = laws()[name]
    start = target.draw(CHAINS, rng(2), temperature=0.5)
    kernel = sampler(word, steps=3, temperature=0.5)
    expect_law(target, went(kernel, target, start).z, temperature=0.5)


@TAKEN
def test_a_seed_gives_one_chain(word: str, name: str) -> None:
    target, kernel = laws()[name], sampler(word, steps=4)
    start, before = target.draw(7, rng()), torch.random.get_rng_state()
    first, second = (went(kernel, target, start, seed=3) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(first.z, went(kernel, target, start, seed=4).z)
    assert torch.equal(before, torch.random.get_rng_state())


@TAKEN
def test_a_broken_sample_harms_no_other(word: str, name: str) -> None:
    target, kernel = laws()[name], sampler(word, steps=5)
    start, height = target.draw(6, rng()), torch.zeros(6, dtype=torch.float64)
    whole = walk(kernel, target.objective(height), start=start, rng=rng(1))
    height = height.index_fill(0, torch.tensor([2]), torch.nan)
    chain = walk(kernel, target.objective(height), start=start, rng=rng(1))
    others = torch.arange(6) != 2
    for one, same in zip(chain, whole, strict=True):
        assert torch.equal(one[others], same[others])
    assert chain.energy[2].isnan()
    assert chain.z[2].isnan().all() or word == "langevin" or torch.equal(chain.z[2], start[2])


@TAKEN
def test_what_a_chain_knows_is_true(word: str, name: str) -> None:
    target, kernel = laws()[name], sampler(word, steps=6)
    start = target.draw(50, rng())
    objective = target.objective(torch.zeros(50, dtype=torch.float64))
    chain = walk(kernel, objective, start=start, rng=rng(1))
    torch.testing.assert_close(chain.energy, objective.value(chain.z))
    assert ((chain.accepted >= 0) & (chain.accepted <= 1)).all()
    if chain.slope.shape[1]:
        torch.testing.assert_close(chain.slope, objective.gradient(chain.z))
    again = renew(kernel, objective, chain=chain)
    torch.testing.assert_close(again.energy, chain.energy)
    assert torch.equal(again.tuning, chain.tuning)


@TAKEN
def test_no_step_leads_nowhere(word: str, name: str) -> None:
    target = laws()[name]
    start = target.draw(5, rng())
    assert torch.equal(went(sampler(word, steps=0), target, start).z, start)


@pytest.mark.parametrize("word", REVERSIBLE)
@pytest.mark.parametrize("name", ["bell", "slanted", "well", "half line"])
def test_there_and_back_are_as_likely(word: str, name: str) -> None:
    target = laws()[name]
    start = target.draw(DRAWS, rng())
    end = went(sampler(word, steps=1), target, start).z
    flow = start * end.tanh() ** 3 - end * start.tanh() ** 3
    error = flow.std(0) / sqrt(DRAWS)
    assert (flow.mean(0).abs() < ERRORS * error).all()


@pytest.mark.parametrize(
    ("word", "options"),
    [
        ("gibbs", {"steps": -1}),
        ("gibbs", {"temperature": 0.0}),
        ("hmc", {"accept": 1.0}),
        ("hmc", {"leaps": 0}),
        ("langevin", {"rate": 0.0}),
        ("mala", {"rate": float("nan")}),
        ("metropolis", {"scale": -1.0}),
    ],
    ids=str,
)
def test_options_that_no_chain_can_have_are_refused(word: str, options: Any) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` is "):
        sampler(word, **options)


def refusals(rate: float) -> float:
    """Return how often `mala` refuses at this rate, in the law of two humps."""
    target = laws()["well"]
    start = target.draw(CHAINS, rng())
    return float(1 - went(Mala(steps=1, rate=rate), target, start).accepted.mean())


def test_langevin_comes_near_to_balance_with_its_rate() -> None:
    rates = torch.logspace(-3, -1.5, 6, dtype=torch.float64)
    off = torch.tensor([refusals(float(rate)) for rate in rates], dtype=torch.float64)
    assert slope(rates, off) == pytest.approx(1.5, abs=0.2)


def test_langevin_and_mala_propose_the_same_points() -> None:
    target = laws()["slanted"]
    start = target.draw(100, rng())
    objective = target.objective(torch.zeros(100, dtype=torch.float64))
    noise = Langevin().draws(objective, 2).noise(start, rng(1))
    sure = Noise(noise.normal, torch.zeros(100, 1, dtype=torch.float64))
    plain, exact = Langevin(rate=0.05), Mala(rate=0.05)
    one = plain.step(objective, plain.start(objective, start), noise=sure)
    other = exact.step(objective, exact.start(objective, start), noise=sure)
    torch.testing.assert_close(one.z, other.z)


def test_the_variance_of_langevin_is_off_by_what_its_page_says() -> None:
    target = laws()["bell"]
    end = went(Langevin(steps=60, rate=0.3), target, target.draw(DRAWS, rng())).z
    expected = 0.64 / (1 - 0.3 / 0.64 / 2)
    assert float(end.var()) == pytest.approx(expected, rel=ERRORS * sqrt(2 / DRAWS))


def slope(x: Tensor, y: Tensor) -> float:
    """Return the slope of log y over log x."""
    table = torch.stack([x.log(), torch.ones_like(x)], -1)
    found: Any = torch.linalg.lstsq(table, y.log().unsqueeze(-1))
    return float(found.solution[0])


def flight(target: Target, rate: float, leaps: int) -> tuple[Phase, Phase, Tensor]:
    """Fly from the law with random momenta: the start, the end, the change of H."""
    z = target.draw(500, rng())
    momentum = torch.randn(z.shape, generator=rng(1), dtype=torch.float64)
    objective = target.objective(torch.zeros(500, dtype=torch.float64))
    nobody = torch.zeros(500, dtype=torch.bool)
    start = Phase(z, momentum, objective.gradient(z), nobody)
    length = torch.full((500, 1), rate, dtype=torch.float64)
    end = leapfrog(objective, start, rate=length, leaps=leaps)
    total = [objective.value(p.z) + (p.momentum**2).sum(-1) / 2 for p in (start, end)]
    return start, end, total[1] - total[0]


@pytest.mark.parametrize("name", ["bell", "slanted", "well", "half line"])
def test_hmc_flies_back_the_way_it_came(name: str) -> None:
    target = laws()[name]
    start, end, _ = flight(target, 0.1, 25)
    objective = target.objective(torch.zeros(500, dtype=torch.float64))
    length = torch.full((500, 1), 0.1, dtype=torch.float64)
    turned = end._replace(momentum=-end.momentum)
    back = leapfrog(objective, turned, rate=length, leaps=25)
    torch.testing.assert_close(back.z, start.z, rtol=0, atol=1e-6)
    torch.testing.assert_close(-back.momentum, start.momentum, rtol=0, atol=1e-6)
    assert not end.lost.any()


@pytest.mark.parametrize("name", ["bell", "slanted", "well"])
def test_the_energy_error_of_hmc_falls_with_the_square_of_its_rate(name: str) -> None:
    leaps = torch.tensor([12, 17, 24, 34, 48], dtype=torch.float64)
    off = [flight(laws()[name], 1.5 / int(n), int(n))[2].square().mean().sqrt() for n in leaps]
    assert slope(1.5 / leaps, torch.stack(off)) == pytest.approx(2, abs=0.2)


def test_hmc_finds_the_rate_at_which_so_many_are_accepted() -> None:
    target = laws()["slanted"]
    start = target.draw(2000, rng())
    kernel = Hmc(steps=150, rate=1.0, accept=0.8)
    objective = target.objective(torch.zeros(2000, dtype=torch.float64))
    chain = walk(kernel, objective, start=start, rng=rng(1))
    assert (chain.tuning[:, 3] == 100).all()
    shares: list[Tensor] = []
    draws, source = kernel.draws(objective, 2), rng(3)
    for _ in range(30):
        chain = kernel.step(objective, chain, noise=draws.noise(chain.z, source))
        shares.append(chain.accepted.mean())
    assert float(torch.stack(shares).mean()) == pytest.approx(0.8, abs=0.05)
    expect_law(target, chain.z)


def test_walls_farther_apart_than_a_leap_is_long_are_needed() -> None:
    target = replace(laws()["half line"], box=Box(low=0, high=0.1))
    start = torch.full((200, 1), 0.05, dtype=torch.float64)
    chain = went(Hmc(steps=20, rate=0.5, leaps=3), target, start)
    assert ((chain.z >= 0) & (chain.z <= 0.1)).all()
    assert chain.accepted.eq(0).any()
