"""Collapse: each form is found, and what limits the energy silences it."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import found, ids

LATENT = """model wide
observed y : real[4]
given x : real[4]
latent z : {latent}
param W : real[4, {width}] {constraint}
net dec = {dec}
decoder yhat = {decoder}
cost recon = {cost}
{more}
infer z by {ring}
train by {train}
"""
PLAIN = {
    "latent": "real[8]",
    "width": "8",
    "constraint": "",
    "dec": "linear(16) |> relu |> linear(4)",
    "decoder": "dec(z) + W @ x0",
    "cost": "sq(y - yhat)",
    "more": "",
    "ring": "minimize",
    "train": "energy",
}


def _of(**changes: str) -> list[str]:
    parts = {**PLAIN, "decoder": "W @ z", **changes}
    program = LATENT.format(**parts)
    if "dec(" not in parts["decoder"]:
        program = program.replace(f"net dec = {parts['dec']}\n", "")
    if "W" not in parts["decoder"] + parts["cost"]:
        program = "\n".join(each for each in program.splitlines() if "param W" not in each)
    return [each for each in ids(program) if each != "unused-declaration"]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"latent": "real[4]", "width": "4"},
        {"latent": "real[4]", "width": "4", "constraint": "with orthonormal"},
        {"cost": "3 * l2(y - yhat)"},
        {"cost": "sq(y - yhat - x)"},
        {"decoder": "2 * (W @ z) + x"},
        {"decoder": "dec(z)"},
        {"decoder": "dec(x, z)"},
        {"decoder": "dec(z)", "dec": "linear(9) |> tanh |> linear(4)"},
        {"more": "regularizer r = sum(z)"},
        {"cost": "bce(yhat, sigmoid(y))"},
    ],
    ids=str,
)
def test_a_latent_that_reproduces_everything_is_reported(changes: dict[str, str]) -> None:
    assert _of(**changes) == ["collapse"]


@pytest.mark.parametrize(
    "changes",
    [
        {"latent": "real[3]", "width": "3"},
        {"latent": "onehot[8]"},
        {"latent": "binary[8]"},
        {"latent": "sphere[8]"},
        {"latent": "real[8] with sparse(2)"},
        {"constraint": "with unit_columns", "more": "regularizer r = l1(z)"},
        {"more": "regularizer r = sum(log(1 + z^2))"},
        {"decoder": "dec(z)", "dec": "linear(3) |> relu |> linear(4)"},
        {"decoder": "dec(z)", "dec": "linear(16) |> relu |> linear(4) |> sigmoid"},
        {"cost": "sq(y - yhat) + sq(y)"},
        {"train": "max_likelihood(negatives = hmc)"},
        {"ring": "minimize with gradient_descent(steps = 5, rate = 0.01)"},
        {"ring": "encode(W.T @ y)", "more": "regularizer r = 0 * sum(z)"},
        {"train": "contrastive_divergence"},
        {"train": "minimize(F - F(y = x))"},
    ],
    ids=str,
)
def test_what_is_limited_is_not(changes: dict[str, str]) -> None:
    assert "collapse" not in _of(**changes)


DOWN = """model down
given x : real[8]
observed y : real[8]
random n : real[8] ~ normal
param W : real[8, 8] {constraint}
param V : real[{code}, 8] {tied}
net f = linear(16) |> silu |> linear(1)
net enc = linear({code}) |> relu
net dec = linear(8)
{energy}
train by {train}
"""


def _down(energy: str, *, train: str = "energy", **changes: str) -> list[str]:
    parts = {"constraint": "", "tied": "", "code": "16", **changes}
    program = DOWN.format(energy=energy, train=train, **parts)
    return [each for each in ids(program) if each != "unused-declaration"]


@pytest.mark.parametrize(
    ("energy", "changes"),
    [
        ("cost e = f(y)", {}),
        ("cost e = -f(x, y)", {}),
        ("cost e = y @ W @ y", {"constraint": "with symmetric"}),
        ("cost e = sq(dec(enc(y)) - y)", {}),
        ("cost e = sq(W @ y - y)", {}),
        ("cost e = sq(V.T @ (V @ y) - y)", {"tied": "with orthonormal", "code": "8"}),
        ("cost e = sq(W @ y)", {}),
        ("cost e = sq(enc(x) - enc(y))", {}),
        ("cost e = l1(dec(x) - W @ y)", {}),
    ],
    ids=str,
)
def test_training_that_only_pushes_down_is_reported(
    energy: str, changes: dict[str, str]
) -> None:
    assert _down(energy, **changes) == ["collapse"]


@pytest.mark.parametrize(
    ("energy", "changes"),
    [
        ("cost e = f(y)", {"train": "contrastive_divergence"}),
        ("cost e = f(y) + sq(y)", {"train": "max_likelihood(negatives = hmc)"}),
        ("cost e = f(y)^2\ncost w = sq(y)", {}),
        ("cost e = sq(dec(enc(y)) - y)", {"code": "4"}),
        ("cost e = sq(dec(enc(y)) - y) + l1(enc(y)) + sq(1 - W)", {}),
        ("cost e = sq(dec(enc(y + n)) - y)", {}),
        ("cost e = sq(dec(enc(y)) - y)", {"train": "denoising(normal(0, 0.3))"}),
        ("cost e = sq(dec(enc(y)) - y)\nloss j = jacobian_norm(enc(y), y)", {}),
        ("cost e = sq(dec(enc(x)) - y)", {}),
        ("cost e = sq(V.T @ (V @ y) - y)", {"tied": "with orthonormal", "code": "4"}),
        ("cost e = l1(W @ y)", {"constraint": "with orthonormal"}),
        ("cost e = sq(stop(enc(y)) - dec(x) - y)", {"code": "8"}),
    ],
    ids=str,
)
def test_what_bounds_the_volume_is_seen(energy: str, changes: dict[str, str]) -> None:
    train = changes.pop("train", "energy")
    if "denoising" in train:
        energy = "encoder c = enc(y)\ndecoder yhat = dec(c)\ncost e = sq(yhat - y)"
    assert "collapse" not in _down(energy, train=train, **changes)


def test_the_latent_is_named_and_the_term_shown() -> None:
    program = LATENT.format(**{**PLAIN, "decoder": "W @ z"})
    (one,) = [each for each in found(program) if each.id == "collapse"]
    assert one.message == "`z` can reproduce any `y`: the energy would be zero everywhere"
    assert one.span.text == "z"
    assert [label.span.text for label in one.labels] == ["sq(y - yhat)"]


def test_a_program_without_training_may_have_a_flat_energy() -> None:
    head = "model m\nobserved y : real[4]\nlatent z : real[4]\n"
    assert ids(head + "cost e = sq(y - z)\ninfer z by minimize\n") == ["collapse"]
