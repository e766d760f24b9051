"""Strategies over sequences: noise, masks and neighbors have the index of what they are of."""

from __future__ import annotations

import pytest

from tests.laws.test_strategies import written

TRACKS = """
observed y[t in 1..4] : real[2]
net f = linear(2)
encoder h[t] = f(y[t])
cost off[t] = sq(y[t] - h[t])
"""
SIGNED = """
observed y[t in 1..4] : {0}
param J : real[2]
cost e[t] = dot(y[t], J)
"""


@pytest.mark.parametrize(
    ("program", "word", "options", "line"),
    [
        (TRACKS, "denoising", {"noise": "normal"}, "random e[t in 1..4] : real[2] ~ normal"),
        (TRACKS, "denoising", {"noise": "normal"}, "encoder h[t] = f(y[t] + e[t])"),
        (TRACKS, "denoising", {"noise": "flip(0.1)"}, "encoder h[t] = f(flip(y[t], 0.1))"),
        (TRACKS, "masked", {}, "random m[t in 1..4] : binary ~ bernoulli(0.15)"),
        (TRACKS, "score_matching", {"form": "sliced"}, "random v[t in 1..4] : spin[2]"),
        (
            TRACKS,
            "noise_contrastive",
            {"noise": "normal", "ratio": "3"},
            "random n[i in 1..3, t in 1..4] : real[2] ~ normal",
        ),
        (
            SIGNED.format("spin[2]"),
            "ratio_matching",
            {},
            "negative yf[i] from flip(y, i, -1, 1)",
        ),
        (
            SIGNED.format("onehot[2]"),
            "pseudo_likelihood",
            {},
            "negative yf[i in 1..4, v in 1..1] from flip(y, i, v)",
        ),
    ],
)
def test_a_sequence_is_treated_index_by_index(
    program: str, word: str, options: dict[str, str], line: str
) -> None:
    assert line in written(program, word, options)
