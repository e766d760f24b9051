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
    (found,) = compilation.diagnostics.all
    assert (found.id, found.span.text) == ("cannot-extend", '"loop.ebm"')


def test_a_file_that_is_not_there_is_said_where_it_is_named(tmp_path: Path) -> None:
    child = tmp_path / "child.ebm"
    child.write_text('model child extends "gone.ebm"\n', "utf-8")
    compilation = load(child)
    assert compilation.plan is None
    (found,) = compilation.diagnostics.all
    assert (found.id, found.span.column) == ("cannot-extend", 21)


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
    (found,) = wrong.diagnostics.all
    assert found.id == "unknown-name"


def test_the_same_names_stand_at_the_top() -> None:
    assert ebmdsl.diagnose is diagnose
    assert ebmdsl.load is load
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        getattr(ebmdsl, "noth" + "ing")


DICT = """model coder(k = 8)
data digs = digits()
observed y : real[64] from digs
latent z : real[k]
param W : real[64, k]
cost e = sq(y - W @ z) + sq(z)
infer z by minimize
train by energy
"""
USER = """model user(n = 16)
use "coder.ebm"(k = n) as dict
observed y : real[64] from dict.digs
net enc = linear(n)
cost e = sq(dict(y).z - enc(y))
train by energy
"""


def told(text: str, folder: Path, **files: str) -> list[tuple[str, int, int]]:
    """What is said about a program beside some others: id, line and column."""
    for name, body in files.items():
        (folder / f"{name}.ebm").write_text(body, "utf-8")
    main = folder / "main.ebm"
    main.write_text(text, "utf-8")
    compilation = load(main)
    _ = compilation.plan
    return [(e.id, e.span.line, e.span.column) for e in compilation.diagnostics.errors]


def test_a_used_model_is_read_with_its_settings(tmp_path: Path) -> None:
    assert told(USER, tmp_path, coder=DICT) == []
    model = load(tmp_path / "main.ebm", n="4").model
    assert model is not None
    (used,) = model.used
    assert (used.name, used.path, used.settings) == ("dict", "coder.ebm", (("k", 4),))
    latent = used.model.find("z")
    assert latent is not None
    assert latent.shape == (4,)


def test_a_used_model_may_use_another_and_start_from_one(tmp_path: Path) -> None:
    child = 'model child extends "coder.ebm"\n'
    second = 'model second\nuse "child.ebm" as c\nobserved y : real[64]\n'
    second += "param a : real\ncost e = sq(y - a * c.W @ c(y).z)\n"
    third = 'model third\nuse "second.ebm" as s\nparam b : real\ncost e = b * s.a\n'
    assert told(third, tmp_path, coder=DICT, child=child, second=second) == []


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("k = n", "k = 2.5", ("bad-setting", 2, 21)),
        ("k = n", "kk = n", ("unknown-name", 2, 17)),
        ("coder.ebm", "code.ebm", ("cannot-use", 2, 5)),
        ("coder.ebm", "main.ebm", ("cannot-use", 2, 5)),
    ],
)
def test_what_cannot_be_used_is_said_where_it_is_written(
    tmp_path: Path, old: str, new: str, wanted: tuple[str, int, int]
) -> None:
    assert told(USER.replace(old, new), tmp_path, coder=DICT) == [wanted]


def test_files_that_use_one_another_are_refused(tmp_path: Path) -> None:
    one = 'model one\nuse "main.ebm" as m\nparam b : real\ncost e = b\n'
    two = 'model two\nuse "one.ebm" as o\nparam b : real\ncost e = b * o.b\n'
    assert told(two, tmp_path, one=one) == [("cannot-use", 2, 5)]


def test_strategies_are_judged_beside_other_mistakes() -> None:
    text = "model m\nobserved y : real[2]\nparam a : real[2]\ncost e = sq(y - a)\n"
    found = diagnose(text + "train by ratio_matching\nrun { epochs = 0.5 }\n")
    assert [each.id for each in found.all] == ["unsuitable-strategy", "bad-setting"]
    found = diagnose(text.replace("[2]\np", "[n]\np") + "train by ratio_matching\n")
    assert [each.id for each in found.all] == ["unknown-name"]


def test_settings_may_be_made_of_the_numbers_of_the_child(tmp_path: Path) -> None:
    child = 'model child(n = 3, half = n / 2) extends "coder.ebm"(k = 2 * n)\n'
    assert told(child, tmp_path, coder=DICT) == []
    model = load(tmp_path / "main.ebm", n="5").model
    assert model is not None
    assert {each.name: each.value for each in model.hypers} == {"n": 5, "half": 2.5, "k": 10}
    assert told(child.replace("2 * n", '"many"'), tmp_path, coder=DICT) == [
        ("bad-setting", 1, 58)
    ]


def test_a_file_is_looked_for_beside_the_one_that_names_it(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "coder.ebm").write_text(DICT, "utf-8")
    (inner / "user.ebm").write_text(USER, "utf-8")
    assert told('model outer extends "inner/user.ebm"\n', tmp_path) == []
    second = 'model outer\nuse "inner/user.ebm" as u\nparam b : real\ncost e = b + u.dict\n'
    assert told(second, tmp_path) == [("unknown-name", 4, 16)]


def test_a_file_that_starts_from_itself_is_told_so(tmp_path: Path) -> None:
    main = tmp_path / "main.ebm"
    main.write_text('model main extends "main.ebm"\n', "utf-8")
    compilation = load(main)
    assert compilation.plan is None
    (found,) = compilation.diagnostics.all
    assert found.message.endswith("it starts from itself")
