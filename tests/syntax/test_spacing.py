"""Spaces between words."""

from __future__ import annotations

import pytest

from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from ebmdsl.syntax.parse import parse


@pytest.mark.parametrize(
    ("text", "neat"),
    [
        ("- x ^ - 2", "-x^-2"),
        ("-( a+b )", "-(a + b)"),
        ("a [ t-1 ] . T", "a[t-1].T"),
        ("f( i-1,0 .. T-1 )", "f(i - 1, 0..T-1)"),
        ("f (x) (y)", "f(x)(y)"),
        ("[a,-b]", "[a, -b]"),
        ("f(data=- 1)", "f(data = -1)"),
        ("x.data-1", "x.data - 1"),
        ("u->u", "u -> u"),
        ("( u,v )->u", "(u, v) -> u"),
        ("a|>b", "a |> b"),
        ("a[f(i+1)]", "a[f(i + 1)]"),
        ("10%", "10%"),
    ],
)
def test_each_word_knows_its_place(text: str, neat: str) -> None:
    source = Source("m", f"model m\nlet a = {text}\n")
    file, found = parse(source)
    assert file is not None
    assert found.ok
    assert format_file(file, source) == f"model m\nlet a = {neat}\n"
