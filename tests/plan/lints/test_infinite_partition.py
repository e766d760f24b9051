"""Likelihoods without a finite or a tractable partition function."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import ids

HEAD = """model m
observed y : {y}
{latent}
param W : real[{rows}, {size}] {constraint}
net f = linear(8) |> {bend} |> linear(1)
{energy}
train by {train}
"""


def _said(energy: str, **changes: str) -> list[str]:
    plain = {"y": "real[2]", "latent": "", "rows": "2", "size": "2", "constraint": ""}
    parts = {**plain, "bend": "silu", "train": "max_likelihood", **changes}
    kept = ("infinite-partition", "unsuitable-strategy")
    return [each for each in ids(HEAD.format(energy=energy, **parts)) if each in kept]


@pytest.mark.parametrize(
    ("energy", "changes"),
    [
        ("cost e = f(y)", {}),
        ("cost e = -f(y)", {"bend": "tanh"}),
        ("cost e = sum(tanh(W @ y))", {}),
        ("cost e = sum(y)", {}),
        ("cost e = sq(W @ y)", {"rows": "1"}),
        ("cost e = f(y)", {"train": "minimize(F + logZ)"}),
        ("cost e = sq(y[0] - 1)", {}),
        ("cost e = sq(y[0] - 1) + f(y) + sum(y)", {}),
        ("cost e = f(y)", {"y": "real[9]", "size": "9"}),
    ],
    ids=str,
)
def test_nothing_confines(energy: str, changes: dict[str, str]) -> None:
    assert _said(energy, **changes) == ["infinite-partition"]


@pytest.mark.parametrize(
    ("energy", "changes"),
    [
        ("cost e = f(y) + sq(y) / 2", {}),
        ("cost e = f(y)^2 + l1(y)", {}),
        ("cost e = sq(W @ y)", {}),
        ("cost e = sq(y[0])\ncost d = sq(y[1])", {}),
        ("cost e = sq(y[0]) + sq(W @ y)", {"rows": "1"}),
        ("cost e = f(y)", {"y": "sphere[2]"}),
        ("cost e = dot(W[0], y)", {"y": "binary[2]"}),
        ("cost e = f(y)", {"train": "contrastive_divergence"}),
        ("cost e = sum(log(1 + exp(y) + exp(-y)))", {"y": "real[9]", "size": "9"}),
        ("cost e = sq(W @ y)", {"y": "real[9]", "size": "9", "rows": "9"}),
        ("cost e = -(y @ W @ y)", {"y": "binary[16]", "size": "16", "rows": "16"}),
        ("cost e = -dot(W[0], y)", {"y": "binary[64]", "size": "64"}),
    ],
    ids=str,
)
def test_what_is_finite_and_tractable_passes(energy: str, changes: dict[str, str]) -> None:
    assert _said(energy, **changes) == []


@pytest.mark.parametrize(
    ("energy", "changes"),
    [
        ("cost e = f(y) + sq(y)", {"y": "real[9]", "size": "9"}),
        ("cost e = -(y @ W @ y)", {"y": "binary[64]", "size": "64", "rows": "64"}),
        ("cost e = f(y)", {"y": "spin[64]", "size": "64"}),
    ],
    ids=str,
)
def test_what_nobody_can_add_up_is_refused(energy: str, changes: dict[str, str]) -> None:
    assert _said(energy, **changes) == ["unsuitable-strategy"]


@pytest.mark.parametrize(("units", "said"), [(12, []), (64, ["unsuitable-strategy"])])
def test_one_small_side_is_enough(units: int, said: list[str]) -> None:
    latent = f"latent h : binary[{units}]\ninfer h by marginalize"
    energy = "cost e = -(y @ W @ h)"
    parts = {"y": "binary[64]", "rows": "64", "size": str(units), "latent": latent}
    assert _said(energy, **parts) == said
