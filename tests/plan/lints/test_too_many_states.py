"""Searches through too many states."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import found, ids

HEAD = """model m
observed y : real[4]
latent z : {z}
param W : real[4, {size}]
cost recon = sq(y - W @ z)
infer z by minimize {method}
train by energy
"""


@pytest.mark.parametrize(
    ("z", "size", "method", "said"),
    [
        ("binary[21]", 21, "with exhaustive", ["too-many-states"]),
        ("spin[64]", 64, "with exhaustive", ["too-many-states"]),
        ("binary[20]", 20, "with exhaustive", []),
        ("onehot[5000]", 5000, "with exhaustive", []),
        ("binary[64]", 64, "", []),
    ],
)
def test_more_than_a_million_are_too_many(
    z: str, size: int, method: str, said: list[str]
) -> None:
    assert ids(HEAD.format(z=z, size=size, method=method)) == said


def test_the_count_is_said_and_the_latent_shown() -> None:
    (one,) = found(HEAD.format(z="binary[64]", size=64, method="with exhaustive"))
    assert "about 10^19 states" in one.message
    assert one.span.text == "exhaustive"
    assert [label.span.text for label in one.labels] == ["z"]
