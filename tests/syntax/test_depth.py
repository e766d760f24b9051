"""The limit on depth."""

from __future__ import annotations

from ebmdsl.source.text import Source
from ebmdsl.syntax.depth import MAX_DEPTH
from ebmdsl.syntax.parse import parse


def test_a_chain_may_be_long_but_not_too_long() -> None:
    for length, expected in ((MAX_DEPTH - 2, []), (MAX_DEPTH + 2, ["too-deep"])):
        text = f"model m\nlet a = {' + '.join('x' * length)}\nlet b = 1\n"
        file, found = parse(Source("m", text))
        assert [each.id for each in found.all] == expected
        assert file is not None
        assert len(file.statements) == 2 - len(expected)


def test_many_statements_are_not_deep() -> None:
    text = "model m\nstage s {\n" + "let a = 1\n" * 1000 + "}\n"
    assert parse(Source("m", text))[1].ok
