"""Broken programs: each mistake is found once, where it is, and told in plain words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.grammar import tables
from ebmdsl.syntax.parse import parse
from tests.goldens import Goldens, programs

BAD = programs("syntax")
INTERNAL = re.compile(r"\b(None|Token|str|int|float|tuple|dict|__\w+|[A-Z]{3,}[A-Z_]*)\b")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_broken_programs_have_recorded_messages(path: Path, goldens: Goldens) -> None:
    _, found = parse(Source(path.name, path.read_text("utf-8")))
    goldens.check_bad(path, found)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_no_message_shows_what_only_we_know(path: Path) -> None:
    _, found = parse(Source(path.name, path.read_text("utf-8")))
    for each in found.all:
        words = " ".join((each.message, each.text, each.help, *each.notes))
        said = re.sub("`[^`]*`", "", words).replace("NAME", "")
        assert not INTERNAL.findall(said), words
        assert not any(name in said for name in tables().literals if name.startswith("_"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_at_most_six_choices_are_offered(path: Path) -> None:
    _, found = parse(Source(path.name, path.read_text("utf-8")))
    for each in found.all:
        offered = each.message.partition(", found")[0].partition(" after ")[0]
        assert len(re.split(r", | or ", re.sub("`[^`]*`|\\([^)]*\\)", "", offered))) <= 6


def test_there_are_many() -> None:
    assert len(BAD) >= 30


def test_messages_cannot_move_the_cursor() -> None:
    _, found = parse(Source("\x1b[2Jx.ebm", "model m\ncost \x1b[31m = \x07\u202e\n"))
    assert found.errors
    assert "\x1b" not in show(found) + show(found, "short")
    assert "\u202e" not in show(found)
