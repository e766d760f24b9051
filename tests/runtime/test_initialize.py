"""Initial values: by the law, from a stream of their own, or from the data."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.lower.seed import stream
from ebmdsl.runtime.initialize import FLOOR, initialize, kmeans_pp, logit
from tests.runtime.programs import MEANS, NOISY, SPARSE, compiled

TYPES = """model types()
data digs = digits()
observed y : real[64] from digs.image
latent z : real[2]
param a : real[64, 2]
param b : real[64]
param s : real
param p : positive[3]
param q : simplex[3, 4]
param c : real[64] init 0.25
param d : real[64, 2] init normal(0.1)
param l : real[64] init logit(y.mean)
cost fit = sq(y - a @ z - b - s * c - d @ z - l) + sum(p) + sum(q)
cost small = sq(z)
infer z by minimize
train by energy with sgd(0.1)
"""


def filled(text: str, *, seed: int = 0, attempt: int = 0) -> EnergyModule:
    plan = compiled(text).plan
    assert plan is not None
    made = lower(plan)
    y = torch.rand(200, 64, generator=torch.Generator().manual_seed(5))
    initialize(made, {"y": y, "e": torch.zeros(200, 64)}, seed=seed, attempt=attempt)
    return made


def test_defaults_follow_the_domain() -> None:
    made = filled(TYPES)

    def weight(name: str) -> torch.Tensor:
        return made.get_parameter(name).detach()

    assert weight("a").std() == pytest.approx(2**-0.5, rel=0.2)
    assert weight("d").std() == pytest.approx(0.1, rel=0.2)
    assert torch.equal(weight("b"), torch.zeros(64))
    assert float(weight("s")) == 0
    assert torch.equal(weight("p"), torch.ones(3))
    assert torch.equal(weight("c"), torch.full((64,), 0.25))
    assert torch.allclose(weight("q").sum(-1), torch.ones(3))
    assert float((weight("q") - 0.25).abs().max()) < 0.2


def test_a_statistic_is_that_of_the_training_samples() -> None:
    y = torch.rand(200, 64, generator=torch.Generator().manual_seed(5))
    expected = torch.logit(y.double().mean(0)).float()
    assert torch.allclose(filled(TYPES).get_parameter("l"), expected, atol=1e-6)


def test_log_odds_have_a_floor() -> None:
    found = logit(torch.tensor([0.0, 0.5, 1.0]))
    assert found.tolist() == pytest.approx([-6.9068, 0.0, 6.9068], abs=1e-3)
    assert torch.sigmoid(found)[0] == pytest.approx(FLOOR, rel=1e-4)


def test_initial_values_obey_the_constraints() -> None:
    lengths = filled(SPARSE).get_parameter("W").norm(dim=0)
    assert torch.allclose(lengths, torch.ones(12))


def test_values_depend_on_seed_and_attempt_alone() -> None:
    first = filled(SPARSE).get_parameter("W")
    assert torch.equal(first, filled(SPARSE).get_parameter("W"))
    assert not torch.equal(first, filled(SPARSE, seed=1).get_parameter("W"))
    assert not torch.equal(first, filled(SPARSE, attempt=1).get_parameter("W"))


def test_weights_of_nets_start_as_their_layers_say() -> None:
    made = filled(NOISY)
    assert made.get_parameter("enc.linear.weight").detach().std() == pytest.approx(
        1 / 8, rel=0.2
    )
    assert torch.equal(made.get_parameter("enc.linear.bias"), torch.zeros(3))


def test_prototypes_are_samples_far_apart() -> None:
    made = filled(MEANS).get_parameter("W")
    y = torch.rand(200, 64, generator=torch.Generator().manual_seed(5))
    apart = (made.T.detach().unsqueeze(1) - y).abs().amax(-1)
    assert torch.equal(apart.amin(-1), torch.zeros(4))


def test_every_cluster_gets_a_prototype() -> None:
    centers = 100 * torch.eye(6)
    x = centers.repeat(50, 1) + torch.randn(300, 6, generator=stream(0, "noise"))
    found = kmeans_pp(x, 6, rng=stream(0, "choice"))
    assert sorted(torch.cdist(found, centers).argmin(-1).tolist()) == list(range(6))


def test_where_samples_are_few_some_are_prototypes_twice() -> None:
    found = filled(MEANS.replace("k = 4", "k = 300")).get_parameter("W").T
    samples = torch.rand(200, 64, generator=torch.Generator().manual_seed(5))
    assert found.shape == (300, 64)
    assert {tuple(x.tolist()) for x in found} == {tuple(x.tolist()) for x in samples}


CONTRASTED = """model contrasted()
observed y : binary[5]
latent z : binary[3]
param W : real[5, 3]
cost e = -(y @ W @ z)
infer z by marginalize
train by noise_contrastive(noise = bernoulli(0.5))
"""


def test_a_constant_may_start_at_log_z_of_what_starts() -> None:
    made = filled(CONTRASTED)
    (name,) = (each for each in made.weights if each != "W")
    known = made.log_partition()
    assert known.abs() > 1
    torch.testing.assert_close(made.get_parameter(name).detach(), known[0].detach())
