"""What planning finds wrong: where it is said, in which words, and that its page is true."""

from __future__ import annotations

import re
from inspect import getdoc
from pathlib import Path

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.mistake import Mistake, mistakes
from ebmdsl.source.text import Source
from tests.goldens import Goldens, programs

BAD = programs("plan")
ROOT = Path(__file__).parents[2]
MODELS = [
    *sorted((ROOT / "models").glob("*.ebm")),
    *sorted((ROOT / "tests/programs").glob("*.ebm")),
]
FENCE = re.compile(r"```ebm\n(.*?)```", re.DOTALL)
OURS = [one for one in mistakes().values() if one.__module__.startswith("ebmdsl.plan")]


def said(source: Source) -> Diagnostics:
    compilation = Compilation(source)
    if compilation.plan is not None and not compilation.diagnostics.all:
        assert compilation.runnable is None or compilation.diagnostics.ok
    return compilation.diagnostics


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_programs_have_recorded_messages(path: Path, goldens: Goldens) -> None:
    goldens.check_bad(path, said(Source(path.name, path.read_text("utf-8"))))


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.id)
def test_the_first_program_shows_it_and_the_second_does_not(kind: type[Mistake]) -> None:
    failing, mended = FENCE.findall(getdoc(kind) or "")
    assert [each.id for each in said(Source("page", failing)).all] == [kind.id]
    compilation = Compilation(Source("page", mended))
    assert compilation.plan is not None
    assert not compilation.diagnostics.all


def test_every_kind_has_a_bad_program() -> None:
    texts = [path.read_text("utf-8") for path in BAD]
    assert [one.id for one in OURS if not any(f"[{one.id}]" in text for text in texts)] == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_model_is_warned_of(path: Path) -> None:
    compilation = Compilation(Source(str(path), path.read_text("utf-8")))
    assert compilation.plan is None or not compilation.diagnostics.all
    assert not compilation.diagnostics.warnings
