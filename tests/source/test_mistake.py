"""Kinds of mistakes."""

from __future__ import annotations

import pytest

from ebmdsl.source.mistake import Mistake, mistake, mistakes
from ebmdsl.source.text import NOWHERE
from ebmdsl.syntax.mistakes import RepeatedClause, UnopenedBracket


def test_kinds_are_known_by_id() -> None:
    assert mistakes()["unopened-bracket"] is UnopenedBracket
    assert list(mistakes()) == sorted(mistakes())


def test_an_id_is_taken_once() -> None:
    with pytest.raises(TypeError, match="unopened-bracket"):

        @mistake("unopened-bracket")
        class Other(Mistake):
            """Another one."""

            def message(self) -> str:
                return ""


def test_a_mistake_becomes_a_diagnostic() -> None:
    made = RepeatedClause(NOWHERE, NOWHERE).diagnostic()
    assert (made.id, made.severity, made.span) == ("repeated-clause", "error", NOWHERE)
    assert [label.text for label in made.labels] == ["the first one"]
    assert made.fix is None
