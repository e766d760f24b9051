"""What only the whole program can show, beside other mistakes and never because of them."""

from __future__ import annotations

import pytest

from tests.check.programs import said

HEAD = """model whole
observed y : real[2]
latent z : real[2]
param W : real[2, 2]
"""
COST = "cost e = sq(y - W @ z) + sq(z)\n"


def test_a_missing_energy_is_said_beside_other_mistakes() -> None:
    body = HEAD + "let u = nobody\ninfer z by minimize\n"
    assert said(body) == [("no-energy", 1, 7), ("unknown-name", 5, 9)]


def test_a_refused_term_is_not_a_missing_energy() -> None:
    assert said(HEAD + "cost F = sq(y - z)\ninfer z by minimize\n") == [("reserved-name", 5, 6)]
    assert said(HEAD + "cost e = y\ninfer z by minimize\n") == [("term-not-scalar", 5, 10)]


def test_a_latent_that_stays_is_said_beside_other_mistakes() -> None:
    body = HEAD + COST + "latent w : real\nlet u = nobody\ninfer z by minimize\n"
    assert said(body) == [("latent-not-inferred", 6, 8), ("unknown-name", 7, 9)]


@pytest.mark.parametrize("line", ["infer zz by minimize", "infer y by minimize"])
def test_a_wrong_name_may_have_been_meant_for_the_latent(line: str) -> None:
    assert len(said(HEAD + COST + line + "\n")) == 1


def test_a_failed_inference_is_one_all_the_same() -> None:
    assert said(HEAD + COST + "infer z by minimise\n") == [("unknown-name", 6, 12)]


def test_nothing_is_left_to_train() -> None:
    body = HEAD + COST + "infer z by minimize\ntrain W by energy\ntrain by energy\n"
    assert said(body) == [("train-without-effect", 8, 10)]


FIVE = [
    ("observed a : float[2]", ("unknown-domain", 14)),
    ("infer z by minimize with fistaa", ("unknown-name", 26)),
    ("train W by enrgy with sgd(0.1)", ("unknown-name", 12)),
    ("run { epochs = 2.5 }", ("bad-setting", 16)),
    ("plot tiles(W)", ("unknown-name", 6)),
]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_so_many_statements_fail_and_so_many_messages_come(count: int) -> None:
    lines = [line for line, _ in FIVE[:count]]
    wanted = [(key, 6 + i, at) for i, (_, (key, at)) in enumerate(FIVE[:count])]
    assert said(HEAD + COST + "\n".join(lines) + "\n") == wanted
