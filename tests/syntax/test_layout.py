"""Lines of a whole program."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from ebmdsl.syntax.lex import lex
from ebmdsl.syntax.parse import parse
from tests.goldens import GOLDEN
from tests.house.tree import ROOT

PROGRAMS = sorted(
    [*(ROOT / "tests" / "programs").rglob("*.ebm"), *(GOLDEN / "format").glob("*.ebm")]
)
WEIGHTS = [84, 5, 2, 3, 4, 2]


def neat(text: str) -> str:
    source = Source("m", text)
    file, found = parse(source)
    assert file is not None
    assert found.ok
    return format_file(file, source)


def test_single_blank_lines_stay() -> None:
    assert neat("\n\nmodel m\n\n\n\nlet a = 1\nlet b = 2\n\n\n") == (
        "model m\n\nlet a = 1\nlet b = 2\n"
    )


def test_comments_keep_their_column_where_they_can() -> None:
    assert neat("model m # a\nlet b=1    # c\nlet dd = 123456789 # e\n") == (
        "model m  # a\nlet b  = 1  # c\nlet dd = 123456789  # e\n"
    )


def test_comments_stand_as_deep_as_what_follows() -> None:
    assert neat("model m\nstage s {\n# a\nlet b = 1\n# c\n}\n# d\n") == (
        "model m\nstage s {\n    # a\n    let b = 1\n    # c\n}\n# d\n"
    )


@pytest.mark.parametrize("seed", range(60))
def test_breaks_and_comments_anywhere_are_kept(seed: int) -> None:
    rng = random.Random(seed)
    text = scattered(rng.choice(PROGRAMS).read_text("utf-8"), rng)
    once = neat(text)
    assert neat(once) == once
    assert parse(Source("m", once))[0] == parse(Source("m", text))[0]
    assert comments(once) == comments(text)


def scattered(text: str, rng: random.Random) -> str:
    """A program with line breaks, spaces and comments between any two of its words."""
    tokens = lex(Source("m", text))[:-1]
    pieces = [tokens[0].text]
    for last, token in pairwise(tokens):
        gap = text[last.end : token.start]
        extra = rng.choices(["", "\n", "\n\n\n", "   ", " # c\n", "\n  # o\n"], WEIGHTS)[0]
        pieces += [gap, extra, token.text]
    return "".join(pieces)


def comments(text: str) -> list[str]:
    found = (each for each in lex(Source("m", text)) if each.kind == "COMMENT")
    return sorted(each.text.rstrip() for each in found)
