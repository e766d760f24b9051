"""Mutated programs: an answer in time, never a traceback, and never silence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.properties.mutations import PROGRAMS, survey

Record = Callable[[str, object], None]
EACH, SHORT, LONG = 100, 20, 2000


@pytest.mark.parametrize("part", range(SHORT))
def test_mutated_programs_have_an_answer_in_time(part: int, record_property: Record) -> None:
    _survey(part, record_property)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(SHORT, LONG))
def test_very_many_mutated_programs_have_one(part: int, record_property: Record) -> None:
    _survey(part, record_property)


def _survey(part: int, record_property: Record) -> None:
    found = survey(range(part * EACH, (part + 1) * EACH))
    assert sum(found.values()) == EACH
    record_property("mutations", dict(found))


def test_the_programs_are_many() -> None:
    assert len(PROGRAMS) > 50
