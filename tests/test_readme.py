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


@pytest.mark.parametrize(("name", "method"), [("kmeans", "exhaustive"), ("pca", "closed_form")])
def test_the_other_models_are_planned_as_it_says(name: str, method: str) -> None:
    path = ROOT / "models" / f"{name}.ebm"
    plan = Compilation(Source(str(path), path.read_text("utf-8"))).plan
    assert plan is not None
    assert plan.eliminations[0].method == method
    assert plan.updates[0].method == "alternation"
    assert (plan.updates[0].moves[-1].low_rank is not None) == (name == "pca")
