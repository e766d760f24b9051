"""Bad programs: what is said of each was written down by hand, before there was a message."""

from __future__ import annotations

import builtins
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ebmdsl.cli.explain import every_mistake
from ebmdsl.compilation import Compilation
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.grammar import tables
from tests.goldens import Expectation, Goldens, diagnosed, expectations, programs

if TYPE_CHECKING:
    from ebmdsl.source.diagnostic import Diagnostic, Diagnostics

HERE = Path(__file__).parent
BAD = sorted(path for path in HERE.rglob("*.ebm") if path.parent.name != "files")
ELSEWHERE = [path for phase in ("check", "plan", "syntax") for path in programs(phase)]
EACH = pytest.mark.parametrize("path", BAD, ids=lambda path: f"{path.parent.name}-{path.stem}")

QUOTED = re.compile('`[^`]*`|"[^"]*"')
TYPES = {name for name, value in vars(builtins).items() if isinstance(value, type)}
ENGLISH = {"filter", "list", "map", "object", "property", "range", "set", "slice", "type"}
UNTOLD = {*TYPES, "None", "NoneType", "Tensor", "Token", "torch"} - ENGLISH
FOLDERS = {path.parent.name for path in BAD}


@cache
def said(path: Path) -> Diagnostics:
    def beside(name: str, source: Source) -> Source:
        place = Path(source.name).parent / name
        return Source(str(place), (path.parent / place).read_text("utf-8"))

    compilation = Compilation(Source(path.name, path.read_text("utf-8")), read=beside)
    assert compilation.plan is None or compilation.diagnostics.ok
    if not compilation.diagnostics.all:
        _ = compilation.runnable  # what is sound may still be without a method
    return compilation.diagnostics


def expected(path: Path) -> list[Expectation]:
    return expectations(path.read_text("utf-8"))


def words(one: Diagnostic) -> str:
    labels = (label.text for label in one.labels)
    return " ".join((one.message, one.text, one.help, *one.notes, *labels))


@EACH
def test_exactly_the_expected_is_said_in_the_order_of_the_text(path: Path) -> None:
    assert expected(path), "a bad program starts with lines `# error: [id] line:column`"
    assert diagnosed(said(path)) == expected(path)


@EACH
def test_the_messages_are_the_recorded_ones(path: Path, goldens: Goldens) -> None:
    rendered = show(said(path), format="human", color=False)
    recorded = path.with_suffix(".expected").relative_to(HERE)
    Goldens(goldens.accept, HERE).check(str(recorded), rendered)


@EACH
def test_no_message_shows_what_only_the_compiler_knows(path: Path) -> None:
    for one in said(path).all:
        plain = QUOTED.sub("", words(one))
        assert UNTOLD.isdisjoint(re.findall(r"\w+", plain)), words(one)
        assert not re.search(r"\(\d+,\)|\b__\w+|\b[A-Z]{3,}_[A-Z]+|<\w+ object", words(one))
        assert not any(token in plain for token in tables().literals if token[0] == "_")


@EACH
def test_at_most_six_choices_are_offered(path: Path) -> None:
    for one in said(path).all:
        for sentence in (one.message, one.help, *one.notes):
            listed = re.split(r", | or ", sentence)
            assert len([each for each in listed if each.startswith("`")]) <= 6, sentence


def test_there_are_many() -> None:
    assert len(BAD) + len(ELSEWHERE) >= 300
    assert all(len([path for path in BAD if path.parent.name == each]) >= 5 for each in FOLDERS)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_some_have_exactly_so_many_mistakes(count: int) -> None:
    assert len([path for path in (*BAD, *ELSEWHERE) if len(expected(path)) == count]) >= 5


def test_every_mistake_has_a_bad_program() -> None:
    seen = {name for path in (*BAD, *ELSEWHERE) for _, name, _, _ in expected(path)}
    passing = {"not-supported-yet"}  # what it is said of is no mistake
    assert sorted(set(every_mistake()) - seen - passing - {"file-too-large"}) == []


def test_a_file_can_be_too_large() -> None:
    compilation = Compilation(Source("large.ebm", "#" * (4 * 2**20 + 1)))
    assert compilation.plan is None
    assert [one.id for one in compilation.diagnostics.all] == ["file-too-large"]
