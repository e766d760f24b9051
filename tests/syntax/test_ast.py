"""Statements as data."""

from __future__ import annotations

from ebmdsl.source.text import NOWHERE, Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse


def test_the_keyword_of_a_statement_is_known() -> None:
    file, _ = parse(Source("m", "model m\n  train\tby energy\n"))
    assert file is not None
    keyword = ast.keyword(file.statements[0])
    assert (keyword.text, keyword.line, keyword.column) == ("train", 2, 3)
    assert ast.keyword(ast.Expect(ast.Name("x"))) == NOWHERE


def test_where_it_was_written_does_not_count() -> None:
    one, other = (parse(Source("m", text))[0] for text in ("model m", "\n model   m"))
    assert one == other
    assert hash(one) == hash(other)
    assert one is not None
    assert "span" not in repr(one)
