"""Mutated programs: an answer in time, never a traceback, and never silence."""

from __future__ import annotations

import random
from pathlib import Path
from time import process_time

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.lex import Token, lex

PROGRAMS = sorted(Path(__file__).parent.rglob("*.ebm"))
NUMBERS = ["0", "1", "2", "64", "-1", "0.5", "1e9", "1e-9"]


@pytest.mark.parametrize("seed", range(10))
def test_mutated_programs_have_an_answer_in_time(seed: int) -> None:
    rng = random.Random(seed)
    for number in range(50):
        text = rng.choice(PROGRAMS).read_text("utf-8")
        for _ in range(rng.randint(1, 3)):
            text = rng.choice([_other_line, _other_word, _any_word])(text, rng)
        start = process_time()
        compilation = Compilation(Source("mutated.ebm", text))
        planned = compilation.plan
        assert planned is not None or not compilation.diagnostics.ok, (seed, number)
        assert show(compilation.diagnostics) or compilation.diagnostics.ok
        assert process_time() - start < 2, (seed, number)


def _other_line(text: str, rng: random.Random) -> str:
    """A line is left out, or written twice."""
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    lines[place : place + 1] = rng.choice([[], [lines[place], rng.choice(lines)]])
    return "\n".join(lines)


def _other_word(text: str, rng: random.Random) -> str:
    """A word is replaced by one of the same kind, so that much of the program stays sound."""
    token = rng.choice(_words(text))
    same = [each.text for each in _words(text) if each.kind == token.kind]
    return _replaced(text, token, rng.choice(NUMBERS if token.kind == "NUMBER" else same))


def _any_word(text: str, rng: random.Random) -> str:
    """A word is replaced by any other one, or left out."""
    spare = rng.choice([rng.choice(_words(text)).text, ""])
    return _replaced(text, rng.choice(_words(text)), spare)


def _words(text: str) -> list[Token]:
    found = [each for each in lex(Source("m", text)) if each.kind != "COMMENT"]
    return found or lex(Source("m", "model m"))


def _replaced(text: str, token: Token, new: str) -> str:
    return text[: token.start] + new + text[token.end :]
