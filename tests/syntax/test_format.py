"""`fmt`: nothing is lost, and nothing changes the second time."""

from __future__ import annotations

from inspect import isclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.format import format_file
from ebmdsl.syntax.parse import parse
from tests.goldens import GOLDEN, Goldens
from tests.house.tree import ROOT
from tests.syntax.strategies import files

PROGRAMS = sorted(
    [*(ROOT / "tests" / "programs").rglob("*.ebm"), *(ROOT / "models").rglob("*.ebm")]
)
MESSY = sorted((GOLDEN / "format").glob("*.ebm"))
CLASSES = sorted(
    (one for one in vars(ast).values() if isclass(one) and issubclass(one, ast.Syntax)),
    key=lambda one: one.__name__,
)
NEVER_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def formatted(text: str) -> str:
    source = Source("m.ebm", text)
    file, found = parse(source)
    assert file is not None
    assert found.ok, found.all
    return format_file(file, source)


def tree(text: str) -> ast.File:
    file, found = parse(Source("m.ebm", text))
    assert file is not None
    assert found.ok, (text, found.all)
    return file


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_our_programs_are_laid_out_already(path: Path) -> None:
    text = path.read_text("utf-8")
    assert formatted(text) == text


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_programs_without_source_are_written_out(path: Path) -> None:
    file = tree(path.read_text("utf-8"))
    text = format_file(file, Source("made", ""))
    assert tree(text) == file
    assert formatted(text) == text


def test_random_programs_survive() -> None:
    reached: set[type[ast.Syntax]] = set()

    @given(files)
    @settings(
        max_examples=250, suppress_health_check=NEVER_SLOW, deadline=None, derandomize=True
    )
    def survive(file: ast.File) -> None:
        reached.update(type(each) for each in ast.walk(file))
        text = format_file(file, Source("made", ""))
        assert tree(text) == file
        assert formatted(text) == text

    survive()
    assert [one.__name__ for one in CLASSES if one not in {*reached, ast.Syntax}] == []


@pytest.mark.parametrize("path", MESSY, ids=lambda path: path.stem)
def test_messy_programs_have_recorded_layouts(path: Path, goldens: Goldens) -> None:
    text = path.read_text("utf-8")
    neat = formatted(text)
    assert tree(neat) == tree(text)
    assert formatted(neat) == neat
    assert sorted(_comments(neat)) == sorted(_comments(text))
    goldens.check(f"format/{path.stem}.expected", neat)


def _comments(text: str) -> list[str]:
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


def test_there_are_messy_programs() -> None:
    assert len(MESSY) >= 5


def test_clauses_are_put_in_order() -> None:
    text = formatted("model m\nparam W : real[4] init normal(1) with symmetric\n")
    assert text == "model m\nparam W : real[4] with symmetric init normal(1)\n"


def test_names_are_normalized() -> None:
    assert formatted("model m\nlet \ufb01t = \uff58\n") == "model m\nlet fit = x\n"


def test_windows_line_ends_and_a_byte_order_mark_go() -> None:
    assert formatted("\ufeffmodel m\r\n\r\nlet a = 1\r\n") == "model m\n\nlet a = 1\n"
