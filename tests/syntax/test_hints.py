"""What was probably meant."""

from __future__ import annotations

import pytest

from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("let a = x ** 2", "u^2"),
        ("let a = 2x", "2 * x"),
        ("let a = 1 // no", "`#`"),
        ("let a = y[1:3]", "1..3"),
        ("expect a = 1", "=="),
        ("let a = lambda u: u", "u -> u^2"),
        ("let a = +1", "`+`"),
        ("let a = 1\nmodel n", "one file is one model"),
        ("let a = b and c", "line of its own"),
        ("def f(x)", "func"),
        ("import torch", "extends"),
        ("x = 1", "let x"),
        ("cost a += 1", "a name is given once: write `a = …`"),
        ("run { a = 3 b = 4 }", "write `3, b = …`"),
        ('let a = 1\n"""no"""', "`#`"),
        ("let a = u, v -> u", "write `(u, v) -> …`"),
        ("given a[t in range(1)] : real", "1..3"),
    ],
)
def test_habits_of_other_languages_are_answered(text: str, hint: str) -> None:
    found = parse(Source("m", f"model m\n{text}\n"))[1].all
    assert len(found) == 1
    assert hint in found[0].help


def test_the_name_of_the_file_is_the_first_guess() -> None:
    found = parse(Source("some/where/psd.ebm", ""))[1].all
    assert "`model psd`" in found[0].help


def test_long_words_are_cut() -> None:
    found = parse(Source("m", f"model m\nlet a b{'x' * 100}\n"))[1].all
    assert len(found[0].message) < 70


def test_a_keyword_that_joins_is_no_name_where_one_is_missing() -> None:
    for text, id in (("infer by minimize", "unexpected"), ("let by = 1", "reserved-word")):
        assert [each.id for each in parse(Source("m", f"model m\n{text}\n"))[1].all] == [id]


def test_a_raised_character_behind_a_bracket_is_part_of_no_name() -> None:
    for text, said in (("(x)²", "`²` means nothing here"), ("x²", "`²` cannot be part")):
        assert (
            parse(Source("m", f"model m\nlet a = {text}\n"))[1].all[0].message.startswith(said)
        )
