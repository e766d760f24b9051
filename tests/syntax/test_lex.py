"""Text to tokens."""

from __future__ import annotations

from ebmdsl.source.text import Source
from ebmdsl.syntax.lex import BAD, first_on_line, lex


def test_comments_are_words_too() -> None:
    kinds = [each.kind for each in lex(Source("m", "model m # here\n# there\n"))]
    assert kinds == ["MODEL", "NAME", "COMMENT", "COMMENT", "$END"]


def kinds(text: str) -> list[str]:
    return [each.kind for each in lex(Source("m", text))][:-1]


def test_the_longest_word_wins() -> None:
    assert kinds("<= < -> - .. . 1..2 1.5 10% models |>") == [
        *("COMPARISON", "COMPARISON", "__ANON_1", "MINUS", "__ANON_0", "DOT"),
        *("NUMBER", "__ANON_0", "NUMBER", "NUMBER", "PERCENT", "NAME", "__ANON_2"),
    ]


def test_what_is_no_word_is_one_bad_token() -> None:
    assert kinds('§ x² λ2 "open') == [BAD, BAD, "NAME", BAD]


def test_names_are_normalized_and_stay_keywords() -> None:
    fit, data, combined = lex(Source("m", "\ufb01t \uff44ata y\u0302"))[:-1]
    assert (fit.text, data.kind, combined.text) == ("fit", "DATA", "ŷ")


def test_the_first_word_of_a_line_is_known() -> None:
    source = Source("m", "a b\n  c")
    assert [first_on_line(source, each) for each in lex(source)[:-1]] == [True, False, True]
