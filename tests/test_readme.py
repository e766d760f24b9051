"""The README says what is true: its model compiles and its commands exist."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from ebmdsl.cli import main
from ebmdsl.compilation import Compilation
from ebmdsl.source.text import Source
from tests.house.tree import ROOT

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```ebm\n(.*?)```", README, re.DOTALL)
COMMANDS = sorted(set(re.findall(r"`ebmc (\w+)", README)))


@pytest.mark.parametrize("text", BLOCKS)
def test_its_programs_compile_without_a_warning(text: str) -> None:
    compilation = Compilation(Source("README.md", text))
    assert compilation.runnable is not None
    assert compilation.diagnostics.all == ()


def test_its_model_is_the_one_that_make_train_trains() -> None:
    shown = Compilation(Source("README.md", BLOCKS[0])).plan
    path = ROOT / "models" / "sparse_coding.ebm"
    trained = Compilation(Source(str(path), path.read_text("utf-8"))).plan
    assert shown is not None
    assert trained is not None
    assert shown.energy is trained.energy
    assert shown.pretty() == trained.pretty()


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_exist(command: str) -> None:
    assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("change", ["onehot", "orthonormal"])
def test_a_changed_line_changes_the_plan_as_it_says(change: str) -> None:
    text = BLOCKS[0].split("expect")[0]
    if change == "onehot":
        text = text.replace("latent   z : real[k]", "latent   z : onehot[k]")
        text = text.replace("regularizer sparse = lam * l1(z)\n", "").replace(
            " with unit_columns", ""
        )
    else:
        text = text.replace("regularizer sparse = lam * l1(z)\n", "")
        text = text.replace("unit_columns", "orthonormal").replace("k = 256", "k = 16")
    plan = Compilation(Source("changed.ebm", text)).plan
    assert plan is not None
    methods = {"onehot": "exhaustive", "orthonormal": "closed_form"}
    assert plan.eliminations[0].method == methods[change]
    assert plan.updates[0].method == "alternation"
