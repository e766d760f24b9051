"""Second derivatives of what has kinks, named by the function or the layer."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import found, ids

HEAD = """model m
observed y : real[2]
net inner = linear(8) |> {bend}
net f = inner |> linear(1)
cost height = {energy} + sq(y)
train by {train}
"""
EXACT = "score_matching(exact)"
WRITTEN = "minimize(sq(grad(F, y)) / 2 - laplacian(F, y))"
PENALTY = "minimize(softplus(F) + softplus(-F(y = 0 * y)) + sq(grad(F, y)) / 2)"


def _said(train: str, bend: str = "silu", energy: str = "f(y)") -> list[str]:
    return ids(HEAD.format(train=train, bend=bend, energy=energy))


@pytest.mark.parametrize("bend", ["relu", "lrelu(0.2)", "clamp(-1, 1)"])
def test_a_layer_with_a_kink_is_named(bend: str) -> None:
    word = bend.partition("(")[0]
    for train, id in ((EXACT, "unsuitable-strategy"), (WRITTEN, "not-twice-differentiable")):
        (one,) = found(HEAD.format(train=train, bend=bend, energy="f(y)"))
        assert one.id == id
        assert f"`{word}`" in one.message
        assert [label.span.text for label in one.labels] == [word]


@pytest.mark.parametrize("energy", ["f(y) + l1(y)", "f(y) + sum(relu(y))", "f(y) + l2(y)"])
def test_a_function_with_a_kink_is_named(energy: str) -> None:
    assert _said(EXACT, energy=energy) == ["unsuitable-strategy"]
    assert _said("score_matching(sliced)", energy=energy) == ["unsuitable-strategy"]
    assert _said(WRITTEN, energy=energy) == ["not-twice-differentiable"]


def test_smooth_energies_pass() -> None:
    for bend in ("silu", "tanh", "sigmoid", "softplus"):
        assert _said(EXACT, bend) == _said(WRITTEN, bend) == []


def test_first_derivatives_may_have_jumps() -> None:
    assert _said("score_matching(denoising(0.1))", "relu") == []
    assert "not-twice-differentiable" not in _said(PENALTY, "relu")
    assert "unsuitable-strategy" not in _said("contrastive_divergence", "relu")


def test_a_derivative_of_a_derivative_counts() -> None:
    twice = "minimize(F + sq(grad(sum(grad(F, y)), y)))"
    assert _said(twice, "silu") == []
    assert "not-twice-differentiable" in _said(twice, "relu")
