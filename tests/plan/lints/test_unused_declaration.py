"""Declarations that nothing mentions."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import found

HEAD = """model m
observed y : real[4]
param m : real[4]
cost recon = sq(y - m)
{more}
train by {train}
"""


def _unused(more: str, train: str = "energy") -> list[str]:
    said = found(HEAD.format(more=more, train=train))
    return [each.span.text for each in said if each.id == "unused-declaration"]


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ("data d = digits()", "d"),
        ("param w : real", "w"),
        ("random e : real[4] ~ normal", "e"),
        ("latent z : real[4]\ninfer z by minimize", "z"),
        ("net f = linear(4)", "f"),
        ("func g(x) = x", "g"),
        ("let u = 2 * y", "u"),
        ("encoder c = 2 * y", "c"),
        ("negative n from normal(0, 1)\nnegative o from others(y)\nreport r = mean(n)", "o"),
    ],
)
def test_what_nothing_mentions_is_named(more: str, name: str) -> None:
    assert _unused(more) == [name]


@pytest.mark.parametrize(
    "more",
    [
        "let u = 2 * y\nreport r = mean(sum(u))",
        "net f = linear(4)\nloss l = sq(f(y) - 1)",
        "func g(x) = x\nregularizer r = sq(g(m))",
        "let u = 2 * y\nplot histogram(u)",
        "random e : real[4] ~ normal\nloss l = dot(e, m)",
    ],
)
def test_what_is_mentioned_is_not(more: str) -> None:
    assert _unused(more) == []


def test_what_a_strategy_uses_is_used() -> None:
    more = "random u : real[2] ~ normal\nnet G = linear(4)\ngenerator fake = G(u)"
    assert _unused(more, "adversarial") == []
    assert _unused(more) == ["fake"]
