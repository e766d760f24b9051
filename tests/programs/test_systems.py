"""The 65 systems of the lecture as programs: each checks and builds a graph."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from tests.goldens import diagnosed, expectations

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "models" / "lecture", ROOT / "tests" / "programs" / "systems")
"""Where rows are: those that reach their bars on real data, and those that do not yet."""
PATHS = sorted(
    (path for folder in FOLDERS for path in folder.glob("s[0-9]*.ebm")), key=lambda p: p.stem
)
SYSTEMS = {path.stem: path for path in PATHS}
SYSTEM = pytest.mark.parametrize("name", SYSTEMS)
COUNT = 65
LONGEST = 40
MOST_REFUSED = 6
REFUSED: dict[str, str] = {}
"""Systems that the compiler refuses today, each with the reason."""


def compilation(name: str) -> Compilation:
    path = SYSTEMS[name]
    return Compilation(Source(str(path), path.read_text("utf-8")))


def test_every_system_has_one_program() -> None:
    numbers = [int(name[1:3]) for name in SYSTEMS]
    assert numbers == list(range(1, COUNT + 1))
    assert len(PATHS) == COUNT
    assert all(re.fullmatch(r"s\d\d_[a-z0-9_]+", name) for name in SYSTEMS)


def test_few_systems_are_refused_and_each_for_a_reason() -> None:
    assert set(REFUSED) <= set(SYSTEMS)
    assert len(REFUSED) <= MOST_REFUSED
    assert all(len(reason.split()) > 3 for reason in REFUSED.values())


@SYSTEM
def test_a_system_is_a_page_that_names_itself(name: str) -> None:
    lines = SYSTEMS[name].read_text("utf-8").splitlines()
    assert len(lines) <= LONGEST
    assert lines[0].startswith("# ")
    assert any(line.startswith("model ") for line in lines[:3])


@SYSTEM
def test_a_system_is_laid_out_as_fmt_does(name: str) -> None:
    compiled = compilation(name)
    assert compiled.file is not None
    text = SYSTEMS[name].read_text("utf-8")
    assert format_file(compiled.file, compiled.source) == text


@SYSTEM
def test_a_system_checks_and_builds_a_graph(name: str) -> None:
    compiled = compilation(name)
    built = compiled.graph is not None and compiled.diagnostics.ok
    said = [f"{each.id}: {each.message}" for each in compiled.diagnostics.errors]
    assert built is (name not in REFUSED), said


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name not in REFUSED])
def test_a_system_gets_the_warnings_that_it_announces(name: str) -> None:
    compiled = compilation(name)
    text = SYSTEMS[name].read_text("utf-8")
    assert compiled.plan is not None
    assert sorted(diagnosed(compiled.diagnostics)) == sorted(expectations(text))
