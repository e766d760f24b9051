"""Unbounded noise: codes that fly apart, and the springs that hold them."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import ids

DRAWN = """model balls
observed y : real[64]
random e : real[2] ~ normal
net enc = linear(128) |> relu |> linear(2)
net dec = linear(128) |> relu |> linear(64) {constraint}
encoder center = enc(y)
decoder yhat = dec({code})
cost recon = sq(y - yhat)
{more}
train by {train}
"""


def _drawn(code: str = "center + e", more: str = "", **changes: str) -> list[str]:
    parts = {"constraint": "", "train": "energy", **changes}
    return ids(DRAWN.format(code=code, more=more, **parts))


def test_noise_on_a_free_code_is_outrun() -> None:
    assert _drawn() == ["unbounded-noise"]
    assert _drawn("center + 0.5 * e") == ["unbounded-noise"]


@pytest.mark.parametrize(
    ("code", "more", "changes"),
    [
        ("center + e", "regularizer pull = sq(center) / 2", {}),
        ("center + e", "loss pull = sq(center) / 2", {}),
        ("center + e", "", {"constraint": "with unit_columns"}),
        ("center + e", "regularizer decay = sq(enc(y + 1))", {}),
        ("tanh(center) + e", "", {}),
        ("center + e", "", {"train": "minimize(F - F(y = 0 * y))"}),
    ],
    ids=str,
)
def test_a_code_that_is_held_is_not(code: str, more: str, changes: dict[str, str]) -> None:
    assert "unbounded-noise" not in _drawn(code, more, **changes)


POSTERIOR = """model vae
observed y : real[64]
latent z : real[8]
net dec = linear(128) |> relu |> linear(64) {constraint}
net mu = {mean}
net lv = linear(8) |> clamp(-8, 8)
encoder zq ~ normal(mu(y), {spread})
cost recon = {cost}
{more}
infer z by marginalize with variational(zq)
train by energy
"""


def _posterior(more: str = "", **changes: str) -> list[str]:
    plain = {"constraint": "", "mean": "linear(8)", "spread": "exp(lv(y))"}
    parts = {**plain, "cost": "sq(y - dec(z))", **changes}
    return [e for e in ids(POSTERIOR.format(more=more, **parts)) if e != "unused-declaration"]


def test_a_posterior_without_a_prior_is_outrun() -> None:
    assert _posterior() == ["unbounded-noise"]
    assert _posterior(spread="1") == ["unbounded-noise"]


@pytest.mark.parametrize(
    ("more", "changes"),
    [
        ("regularizer prior = sq(z) / 2", {}),
        ("", {"mean": "linear(8) |> tanh"}),
        ("", {"constraint": "with unit_columns"}),
        ("", {"cost": "sq(y - dec(z)) + sq(z - 1)"}),
    ],
    ids=str,
)
def test_a_posterior_that_is_held_is_not(more: str, changes: dict[str, str]) -> None:
    assert _posterior(more, **changes) == []
