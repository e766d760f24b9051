"""The compiler on a page: phases run when asked for, and stop at the first with errors."""

from __future__ import annotations

from pathlib import Path

import pytest

import ebmdsl
from ebmdsl.compilation import Compilation, compile, diagnose, load
from ebmdsl.source.text import Source
from tests.house.tree import ROOT

GOOD = (ROOT / "models" / "sparse_coding.ebm").read_text("utf-8")
PHASES = ("file", "whole", "model", "expanded", "graph", "plan", "runnable")


def test_a_good_program_reaches_every_phase() -> None:
    compilation = compile(GOOD)
    assert all(getattr(compilation, phase) is not None for phase in PHASES)
    assert compilation.diagnostics.ok


@pytest.mark.parametrize(
    ("text", "last"),
    [("model m cost", ""), ("model m\nobserved y : real[2]\ncost c = sq(x)\n", "whole")],
)
def test_errors_stop_the_phases_after_them(text: str, last: str) -> None:
    compilation = compile(text)
    reached = [phase for phase in PHASES if getattr(compilation, phase) is not None]
    assert (reached or [""])[-1] == last
    assert compilation.diagnostics.errors


def test_a_phase_is_computed_once() -> None:
    compilation = compile(GOOD)
    assert compilation.plan is compilation.plan
    before = compilation.diagnostics.all
    assert compilation.graph is not None
    assert compilation.diagnostics.all == before


def test_hyper_parameters_can_be_set() -> None:
    model = compile(GOOD, k="32").model
    assert model is not None
    latent = model.find("z")
    assert latent is not None
    assert latent.shape == (32,)


def test_loading_reads_a_file_and_what_it_extends(tmp_path: Path) -> None:
    (tmp_path / "base.ebm").write_text(GOOD, "utf-8")
    child = tmp_path / "child.ebm"
    child.write_text('model child extends "base.ebm"(k = 16)\n', "utf-8")
    compilation = load(child)
    assert compilation.model is not None
    assert compilation.model.name == "child"


def test_extending_for_ever_ends() -> None:
    text = 'model loop extends "loop.ebm"\n'
    compilation = Compilation(Source("loop.ebm", text), read=lambda _, __: Source("loop", text))
    assert compilation.plan is None
    (told,) = compilation.diagnostics.all
    assert (told.id, told.span.text) == ("cannot-extend", '"loop.ebm"')


def test_a_file_that_is_not_there_is_said_where_it_is_named(tmp_path: Path) -> None:
    child = tmp_path / "child.ebm"
    child.write_text('model child extends "gone.ebm"\n', "utf-8")
    compilation = load(child)
    assert compilation.plan is None
    (told,) = compilation.diagnostics.all
    assert (told.id, told.span.column) == ("cannot-extend", 21)


def test_settings_of_what_is_extended_must_be_known(tmp_path: Path) -> None:
    (tmp_path / "base.ebm").write_text(GOOD, "utf-8")
    (tmp_path / "middle.ebm").write_text('model middle extends "base.ebm"\n', "utf-8")
    child = tmp_path / "child.ebm"
    child.write_text('model child extends "middle.ebm"(k = 16)\n', "utf-8")
    model = load(child).model
    assert model is not None
    assert [each.value for each in model.hypers if each.name == "k"] == [16]
    child.write_text('model child extends "middle.ebm"(kk = 16)\n', "utf-8")
    wrong = load(child)
    assert wrong.plan is None
    (told,) = wrong.diagnostics.all
    assert told.id == "unknown-name"


def test_the_same_names_stand_at_the_top() -> None:
    assert ebmdsl.diagnose is diagnose
    assert ebmdsl.load is load
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(ebmdsl, "noth" + "ing")
