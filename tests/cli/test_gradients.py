"""`ebmc check --gradients`: a table that a person can act on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ebmdsl.runtime import slopes
from tests.cli.conftest import Ebmc

RIDGE = """model ridge
data digs = digits()
observed y : real[64] from digs.image
latent z : real[4]
param W : real[64, 4]
net enc = linear(4)
encoder zhat = enc(y)
cost recon = sq(y - W @ z) / 2
regularizer small = sq(z) / 2
loss agree = sq(z - zhat)
infer z by minimize
train by energy
"""


@pytest.fixture
def ridge(tmp_path: Path) -> str:
    path = tmp_path / "ridge.ebm"
    path.write_text(RIDGE, "utf-8")
    return str(path)


def test_every_gradient_of_a_model_is_compared(ebmc: Ebmc, ridge: str) -> None:
    done = ebmc("check", "--gradients", ridge)
    assert done.exit_code == 0, done.output
    first, second, head, *rows = done.stdout.splitlines()
    assert first.endswith("ok")
    assert "central differences" in second
    assert head.split() == ["of", "gradient", "difference"]
    assert [row.split()[:2] for row in rows] == [
        ["F", "constant"],
        ["z", "implicit"],
        ["z", "unroll"],
        ["z", "one_step"],
    ]
    for row in rows[:3]:
        assert row.split()[3] == "agrees"
        assert float(row.split()[2]) < 1e-5


def test_a_gradient_that_disagrees_fails_the_check(
    ebmc: Ebmc, ridge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slopes, "TOLERANCE", 1e-30)
    done = ebmc("check", "--gradients", ridge)
    assert done.exit_code == 1
    assert "disagrees" in done.stdout


def test_gradients_for_programs(ebmc: Ebmc, ridge: str) -> None:
    done = ebmc("--format", "json", "check", "--gradients", ridge)
    lines = [line for line in done.stdout.splitlines() if '"event"' in line]
    rows = [json.loads(line) for line in lines]
    found = {(row["of"], row["gradient"]): row for row in rows}
    assert found["z", "implicit"]["verdict"] == "agrees"
    assert found["z", "implicit"]["difference"] < 1e-5


def test_a_program_with_mistakes_has_no_gradients(ebmc: Ebmc, tmp_path: Path) -> None:
    path = tmp_path / "bad.ebm"
    path.write_text(RIDGE.replace("W @ z", "W @ y"), "utf-8")
    done = ebmc("check", "--gradients", str(path))
    assert done.exit_code == 1
    assert "difference" not in done.stdout
