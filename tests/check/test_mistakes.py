"""Programs that say something impossible: each mistake is found where it is, and explained."""

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

BAD = programs("check")
FENCE = re.compile(r"```ebm\n(.*?)```", re.DOTALL)
OURS = [one for one in mistakes().values() if one.__module__.startswith("ebmdsl.check")]


def diagnostics(name: str, text: str) -> Diagnostics:
    compilation = Compilation(Source(name, text))
    assert compilation.plan is None or compilation.diagnostics.ok
    return compilation.diagnostics


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_programs_have_recorded_messages(path: Path, goldens: Goldens) -> None:
    goldens.check_bad(path, diagnostics(path.name, path.read_text("utf-8")))


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.id)
def test_the_first_program_fails_and_the_second_works(kind: type[Mistake]) -> None:
    failing, mended = FENCE.findall(getdoc(kind) or "")
    assert [each.id for each in diagnostics("page", failing).errors] == [kind.id]
    assert diagnostics("page", mended).ok


def test_every_kind_has_a_bad_program() -> None:
    texts = [path.read_text("utf-8") for path in BAD]
    assert [one.id for one in OURS if not any(f"[{one.id}]" in text for text in texts)] == []
