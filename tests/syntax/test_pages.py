"""The page of each mistake of syntax: its first program has that mistake, its second none."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest

from ebmdsl.source.mistake import Mistake, mistakes
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse

FENCE = re.compile(r"```ebm\n(.*?)```", re.DOTALL)
OURS = [one for one in mistakes().values() if one.__module__.startswith("ebmdsl.syntax")]
ABOUT_FILES = {"file-too-large"}


def programs(kind: type[Mistake]) -> list[str]:
    return [dedent(text) for text in FENCE.findall(dedent("    " + (kind.__doc__ or "")))]


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.id)
def test_the_first_program_fails_and_the_second_is_mended(kind: type[Mistake]) -> None:
    found = [[each.id for each in parse(Source("m", text))[1].all] for text in programs(kind)]
    assert found == ([] if kind.id in ABOUT_FILES else [[kind.id], []])


def test_there_are_pages() -> None:
    assert len(OURS) >= 15
