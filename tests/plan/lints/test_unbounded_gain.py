"""Unbounded gain: proved by scaling, through every form that a decoder may have."""

from __future__ import annotations

import pytest

from ebmdsl.source.fixes import applied
from ebmdsl.source.text import Source
from tests.plan.lints.said import found, ids

HEAD = """model gain(lam = 0.5)
observed y : real[4]
latent z : {latent}
param W : real[4, 8] {constraint}
param V : real[8, 8]
net dec = {dec}
net enc = linear(8) |> tanh |> gain
{energy}
infer z by {ring}
train by {train}
"""


def _gains(energy: str, **changes: str) -> list[str]:
    parts = {
        "latent": "real[8]",
        "constraint": "",
        "dec": "linear(4)",
        "ring": "minimize",
        "train": "energy",
        **changes,
    }
    said = found(HEAD.format(energy=energy, **parts))
    return [each.span.text for each in said if each.id == "unbounded-gain"]


RECON = "cost recon = sq(y - W @ z) / 2\n"


@pytest.mark.parametrize(
    ("energy", "changes", "names"),
    [
        (RECON + "regularizer r = lam * l1(z)", {}, ["W"]),
        (RECON + "regularizer r = l1(z)", {"latent": "nonneg[8]"}, ["W"]),
        (RECON + "regularizer r = sq(z)", {}, ["W"]),
        (RECON + "regularizer r = l1(z) + sum(W)", {}, ["W"]),
        (RECON + "regularizer r = l1(z)\nregularizer s = l2(z)", {}, ["W"]),
        (RECON + "regularizer r = l1(z)\ncost agree = sq(z - enc(y))", {}, ["W"]),
        ("let h = V @ z\ncost c = sq(y - W @ h)\nregularizer r = l1(z)", {}, ["W", "V"]),
        ("cost c = sq(y - dec(z))\nregularizer r = l1(z)", {}, ["dec"]),
        ("cost c = sq(y - dec(y, z))\nregularizer r = l1(z)", {}, ["dec"]),
        (
            "cost c = sq(y - dec(z))\nregularizer r = l1(z)",
            {"dec": "linear(9) |> relu |> linear(4)"},
            ["dec"],
        ),
        ("cost c = sq(y - W @ enc(y))\nregularizer r = l1(enc(y)) + 0 * sum(z)", {}, ["W"]),
        (RECON + "regularizer r = l1(z)", {"train": "minimize(F)"}, ["W"]),
    ],
    ids=str,
)
def test_what_can_grow_is_named(energy: str, changes: dict[str, str], names: list[str]) -> None:
    assert sorted(_gains(energy, **changes)) == sorted(names)


@pytest.mark.parametrize(
    ("energy", "changes"),
    [
        (RECON + "regularizer r = l1(z)", {"constraint": "with unit_columns"}),
        (RECON + "regularizer r = l1(z)", {"constraint": "with clip(-1, 1)"}),
        (RECON + "regularizer r = l1(z) + 0.01 * sq(W)", {}),
        (RECON + "regularizer r = l1(z)\nloss decay = l2(W)", {}),
        (RECON + "regularizer r = l1(z)\ncost c = sq(z - y[0] * (1 + 0 * z))", {}),
        (RECON + "regularizer r = l1(z)", {"train": "contrastive_divergence"}),
        (RECON + "regularizer r = sum(log(1 + z^2))", {}),
        ("cost c = sq(y - z[0..3])\nregularizer r = l1(z)", {}),
        (RECON + "regularizer r = sq(z) / 2", {"ring": "marginalize"}),
    ],
    ids=str,
)
def test_what_is_held_is_not(energy: str, changes: dict[str, str]) -> None:
    assert _gains(energy, **changes) == []


def test_a_small_code_may_have_a_smooth_penalty() -> None:
    energy = "cost c = sq(y - W[0..3] @ z)\nregularizer r = sq(z)"
    head = "model m\nobserved y : real[4]\nlatent z : real[2]\nparam W : real[4, 2]\n"
    tail = "infer z by minimize\ntrain by energy\n"
    assert ids(f"{head}{energy}\n{tail}") == []
    sparse = energy.replace("sq(z)", "l1(z)")
    assert ids(f"{head}{sparse}\n{tail}") == ["unbounded-gain"]


@pytest.mark.parametrize(
    ("declared", "mended", "safe"),
    [
        ("param W : real[4, 8] init normal(0.1)", "real[4, 8] with unit_columns init", True),
        ("net W = linear(4)", "linear(4) with unit_columns", True),
        ("net W = linear(9) |> relu |> linear(4)", "linear(4) with unit_columns", False),
    ],
)
def test_the_fix_bounds_the_decoder(declared: str, mended: str, safe: bool) -> None:
    product = "W @ z" if declared.startswith("param") else "W(z)"
    program = f"""model m
observed y : real[4]
latent z : real[8]
{declared}
cost recon = sq(y - {product})
regularizer sparse = l1(z)
infer z by minimize
train by energy
"""
    (one,) = found(program)
    assert one.fix is not None
    assert one.fix.safe is safe
    text = applied(one.fix.span.source, [one.fix])
    assert mended in text
    assert ids(text) == []
    assert Source("program.ebm", program) == one.span.source
