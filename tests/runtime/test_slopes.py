"""Gradients beside differences: what agrees, what is an approximation, what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.slopes import Compared, compare
from ebmdsl.runtime.start import Start, rehearse
from tests.runtime.programs import compiled

HEAD = """model small
data curve = spiral(n = 300, noise = 0.05)
observed y : real[2] from curve
"""
LASSO = """latent z : real[5]
param W : real[2, 5] with unit_columns
cost recon = sq(y - W @ z) / 2
regularizer sparse = l1(z) / 5
infer z by minimize HOW
train by energy with adam(1e-3)
"""
CURVED = """latent z : nonneg[2]
param W : real[2, 2]
cost recon = sum(logcosh(y - W @ z))
regularizer small = sq(z)
infer z by minimize
train by energy
"""
MEANS = """latent z : onehot[4]
param W : real[2, 4]
cost far = sq(y - W @ z)
infer z by minimize
train by energy
"""
MIXED = MEANS.replace("by minimize", "by marginalize").replace("train by energy", "")


def started(body: str) -> Start:
    """Return a program before its first step, in float64."""
    options = TrainOptions(out=Path("nowhere"), threads=1)
    text = HEAD + body + ("" if "train" in body else "train by max_likelihood\n")
    return rehearse(compiled(text), options, precision=64)


def table(body: str) -> dict[tuple[str, str], Compared]:
    """Compare a program's gradients."""
    return {(row.of, row.mode): row for row in compare(started(body))}


@pytest.mark.parametrize("how", ["", "with fista", "with admm", "with coordinate_descent"])
def test_all_ways_agree_for_a_sparse_code(how: str) -> None:
    rows = table(LASSO.replace("HOW", how))
    for key in (("F", "constant"), ("z", "implicit"), ("z", "unroll")):
        assert rows[key].verdict == "agrees", rows[key]
        assert (rows[key].difference or 0) < 1e-5
    assert rows["z", "one_step"].verdict == "approximate"


def test_a_search_that_ends_too_early_is_no_minimizer() -> None:
    rows = table(LASSO.replace("HOW", "with fista(steps = 3)"))
    assert rows["z", "implicit"].verdict == "does not apply"
    assert "ends before the minimum" in rows["z", "implicit"].reason
    assert rows["z", "implicit"].difference is None


def test_a_few_steps_agree_with_themselves() -> None:
    body = LASSO.replace("HOW", "with gradient_descent(steps = 4, rate = 0.1)")
    rows = table(body.replace("l1(z)", "sq(z)"))
    assert rows["z", "unroll"].verdict == "agrees", rows["z", "unroll"]


def test_what_is_neither_quadratic_nor_free_agrees() -> None:
    rows = table(CURVED)
    assert {row.verdict for row in rows.values()} <= {"agrees", "approximate"}
    assert rows["z", "implicit"].verdict == "agrees"


def test_states_have_an_envelope_and_nothing_else() -> None:
    rows = table(MEANS)
    assert rows["F", "constant"].verdict == "agrees"
    for mode in ("implicit", "unroll", "one_step"):
        assert rows["z", mode].verdict == "does not apply"
        assert "takes finitely many values" in rows["z", mode].reason


def test_the_minimum_of_some_terms_is_an_alternation() -> None:
    body = LASSO.replace("by minimize HOW", "by minimize(recon + sparse)")
    body = body.replace("infer", "cost more = sq(sum(W @ z))\ninfer")
    rows = table(body)
    assert rows["F", "constant"].verdict == "approximate"
    assert "usual alternation" in rows["F", "constant"].reason
    assert rows["z", "implicit"].verdict == "agrees"


def test_parameters_stay_where_they_are() -> None:
    start = started(LASSO.replace("HOW", ""))
    before = {name: w.detach().clone() for name, w in start.module.named_parameters()}
    compare(start)
    for name, w in start.module.named_parameters():
        torch.testing.assert_close(w.detach(), before[name], atol=0, rtol=0)
