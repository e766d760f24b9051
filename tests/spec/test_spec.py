"""The manual is true: every program on its pages gets the answers that stand beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebmdsl.render.plan import describe
from ebmdsl.source.mistake import mistakes
from ebmdsl.source.show import show
from ebmdsl.syntax.format import format_file
from tests.spec.pages import PAGES, Example, examples

LIMITS = {"file-too-large", "too-deep", "no-method", "not-supported-yet"}
EXAMPLES = [each for path in PAGES for each in examples(path)]


def _name(example: Example) -> str:
    return f"{example.page}-{example.line}"


@pytest.mark.parametrize("example", EXAMPLES, ids=_name)
def test_a_program_gets_the_answers_beside_it(example: Example) -> None:
    found = example.compiled().diagnostics.all
    expected = example.said
    rendered = [f"{each.id} {each.span.line}: {each.message}" for each in found]
    assert len(found) == len(expected), rendered
    for each in expected:
        assert any(each.matches(one) for one in found), (each, rendered)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.shown], ids=_name)
def test_what_is_shown_is_what_is_printed(example: Example) -> None:
    assert example.shown is not None
    form, text = example.shown
    compilation = example.compiled()
    if form == "text":
        assert show(compilation.diagnostics, color=False).strip() == text.strip()
        return
    assert form == "plan"
    assert compilation.plan is not None
    assert compilation.model is not None
    printed = describe(compilation.plan, compilation.model)
    _in_order([line.strip() for line in text.splitlines() if line.strip() != "…"], printed)


def _in_order(lines: list[str], printed: str) -> None:
    flat, place = " ".join(printed.split()), 0
    for line in lines:
        found = flat.find(" ".join(line.split()), place)
        assert found >= 0, f"{line!r} is not printed, or not there:\n{printed}"
        place = found + 1


@pytest.mark.parametrize("example", [e for e in EXAMPLES if not e.said], ids=_name)
def test_a_sound_program_is_laid_out(example: Example) -> None:
    compilation = example.compiled()
    assert compilation.file is not None
    assert format_file(compilation.file, compilation.source) == example.text


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_shows_what_works_and_what_does_not(path: Path) -> None:
    shown = list(examples(path))
    assert any(each.said for each in shown)
    assert any(not each.said for each in shown)


def test_every_mistake_is_on_some_page() -> None:
    known = set(mistakes())
    shown = {each.id for example in EXAMPLES for each in example.said}
    assert sorted(known - shown - LIMITS) == []
