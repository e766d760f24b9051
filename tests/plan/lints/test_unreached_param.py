"""Parameters that no loss reaches."""

from __future__ import annotations

import pytest

from tests.plan.lints.said import found

HEAD = """model m
observed y : real[4]
latent z : real[2]
param a : real[4]
param b : real[4]
net f = linear(4)
{more}
infer z by {ring}
report r = mean(sum(a + b + f(z)))
"""


def _unreached(more: str, ring: str = "minimize") -> list[str]:
    said = found(HEAD.format(more=more, ring=ring))
    return [each.span.text for each in said if each.id == "unreached-param"]


ENERGY = "cost c = sq(y - a - f(z)) + sq(b - a) + sq(z)\n"


@pytest.mark.parametrize(
    ("more", "names"),
    [
        (ENERGY + "train by energy", []),
        (ENERGY + "train a, b, f by energy", []),
        (ENERGY + "train a by energy\ntrain by minimize(sq(f(z)) + sq(b))", []),
        (ENERGY + "train a, f by energy", ["b"]),
        ("cost c = sq(y - a - f(z)) + sq(z)\ntrain by energy", ["b"]),
        ("cost c = sq(y - a - f(z)) + sq(z) + sq(stop(b))\ntrain by energy", ["b"]),
        (ENERGY + "train a by energy\ntrain by minimize(sq(b))", ["f"]),
        (ENERGY, []),
    ],
    ids=str,
)
def test_what_no_loss_reaches_is_named(more: str, names: list[str]) -> None:
    assert _unreached(more) == names


def test_stages_count_together() -> None:
    stages = "stage one { train a, b by energy }\nstage two { train f by energy }\n"
    assert _unreached(ENERGY + stages) == []
    assert _unreached(ENERGY + stages.replace("train a, b", "train a")) == ["b"]
