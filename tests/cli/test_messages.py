"""Every message of the compiler, as a user reads it: its page, its words, its remedy."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from textwrap import dedent

import pytest

from ebmdsl.cli.explain import every_mistake
from ebmdsl.compilation import Compilation, read_beside
from ebmdsl.source.diagnostic import Diagnostic
from ebmdsl.source.mistake import Mistake
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.grammar import tables

FENCE = re.compile(r"```ebm\n(.*?)```", re.DOTALL)
EVERY = every_mistake()
PYTHON = re.compile(
    r"\b(NoneType|dict|tuple|frozenset|bool|str|None|True|False|object at|class|self"
    r"|ast\.\w+|[A-Z]\w+Error)\b|<[a-z_]+ |\bCallable\b|__\w+"
)
CHOICES = re.compile(r"(?:`[^`]+`(?:, | or | and )){6,}`")
WITHOUT_PROGRAM = {"file-too-large"}
"""What no short program can show."""


def programs(kind: type[Mistake]) -> list[str]:
    return [dedent(text) for text in FENCE.findall(inspect.getdoc(kind) or "")]


def diagnostics(text: str, *, runs: bool = False) -> tuple[Diagnostic, ...]:
    compilation = Compilation(Source("page.ebm", text), read=read_beside)
    if compilation.plan is not None and runs:
        _ = compilation.runnable
    return compilation.diagnostics.all


@pytest.mark.parametrize("id", [id for id in EVERY if id not in WITHOUT_PROGRAM])
def test_the_page_shows_the_mistake_and_the_way_out(
    id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    failing, mended = programs(EVERY[id])
    found = diagnostics(failing, runs=id in {"not-supported-yet", "no-method"})
    told = [each.id for each in found if each.severity == "error" or each.id == id]
    assert told == [id] * (len(told) if id == "not-supported-yet" else 1)
    assert [each.id for each in diagnostics(mended) if each.id == id] == []
    assert all(each.severity == "warning" for each in diagnostics(mended))
    for each in found:
        _hold_to_the_rules(each)


def _hold_to_the_rules(found: Diagnostic) -> None:
    primary = found.message
    assert primary, found.id
    assert primary[0] in "`([" or primary[0].islower() or primary[:2].isupper(), primary
    assert not primary.endswith((".", "!")), primary
    assert "\n" not in primary
    assert found.help or found.fix, f"{found.id} has no remedy: {primary}"
    assert found.span.text or found.id in {"missing-model", "no-energy"}, found.id
    said = [primary, found.text, found.help, *found.notes, *(one.text for one in found.labels)]
    for text in said:
        plain = re.sub(r"`[^`]*`", "``", text)
        assert not PYTHON.search(plain), text
        assert not _tokens(plain), text
        assert not CHOICES.search(text), text
        assert text == text.strip()
    _hold_frame_to_the_source(found)


def _tokens(text: str) -> set[str]:
    """The names of the grammar's tokens in a text."""
    names = {*tables().literals, "NAME", "NUMBER", "PERCENT", "STRING", "$END", "$BAD"}
    words = set(re.findall(r"[A-Z_$]{3,}\d*", text))
    return words & names


def _hold_frame_to_the_source(found: Diagnostic) -> None:
    """The rendered block names the place, and quotes the line that it is about."""
    shown = show([found])
    assert f"--> {found.span}" in shown
    line = found.span.source.line(found.span.line).strip()
    assert line[:60] in shown


def test_every_id_is_kebab_case_and_every_page_begins_with_a_sentence() -> None:
    for id, kind in EVERY.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", id), id
        first = (inspect.getdoc(kind) or "").split("\n\n", maxsplit=1)[0]
        assert first.endswith("."), id


def test_what_has_no_program_is_known() -> None:
    assert set(EVERY) >= WITHOUT_PROGRAM
    assert [id for id in WITHOUT_PROGRAM if programs(EVERY[id])] == []
