"""Programs with something wrong: tokens deleted, swapped, renamed, mistyped; lines moved."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from time import process_time

from ebmdsl.compilation import Compilation
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.lex import Token, lex
from tests.house.tree import ROOT

FOLDERS = (
    *("models", "models/lecture"),
    *("tests/programs", "tests/programs/expansions", "tests/programs/systems"),
)
PROGRAMS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ebm"))]
NUMBERS = ("0", "1", "2", "64", "-1", "0.5", "1e9", "1e-9")
SECONDS = 2.0
PHASES = ("file", "model", "expanded", "graph", "plan")


def mutated(seed: int) -> Source:
    """Return one of our programs with one to three things changed in it."""
    rng = random.Random(seed)
    path = rng.choice(PROGRAMS)
    text = path.read_text("utf-8")
    for _ in range(rng.choice((1, 1, 2, 3))):
        text = rng.choice(CHANGES)(text, rng)
    return Source(str(path), text)


def phase_of(source: Source) -> str:
    """Return the last phase that a program gets through, and hold it to what we promise.

    There is an answer in time, it is never a traceback, and never silence.
    """
    start = process_time()
    compilation = Compilation(source)
    planned = compilation.plan
    assert planned is not None or not compilation.diagnostics.ok
    assert show(compilation.diagnostics) or not compilation.diagnostics.all
    assert process_time() - start < SECONDS
    reached = [phase for phase in PHASES if getattr(compilation, phase) is not None]
    return reached[-1] if reached else "nothing"


def survey(seeds: range) -> Counter[str]:
    """Count how many mutated programs get how far."""
    found: Counter[str] = Counter()
    for seed in seeds:
        try:
            found[phase_of(mutated(seed))] += 1
        except BaseException as error:
            error.add_note(f"seed {seed}")
            raise
    return found


def _other_line(text: str, rng: random.Random) -> str:
    """Leave a line out, write it twice, or put another one in."""
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    lines[place : place + 1] = rng.choice([[], [lines[place], rng.choice(lines)]])
    return "\n".join(lines)


def _other_word(text: str, rng: random.Random) -> str:
    """Replace a word by one of the same kind, so that much of the program stays sound."""
    token = rng.choice(_words(text))
    same = [each.text for each in _words(text) if each.kind == token.kind]
    return _replaced(text, token, rng.choice(NUMBERS if token.kind == "NUMBER" else same))


def _any_word(text: str, rng: random.Random) -> str:
    """Replace a word by any other one, or leave it out."""
    spare = rng.choice([rng.choice(_words(text)).text, ""])
    return _replaced(text, rng.choice(_words(text)), spare)


def _swapped(text: str, rng: random.Random) -> str:
    """Exchange two neighbors."""
    words = _words(text)
    place = rng.randrange(max(len(words) - 1, 1))
    one, other = words[place], words[min(place + 1, len(words) - 1)]
    between = text[one.end : other.start]
    return text[: one.start] + other.text + between + one.text + text[other.end :]


def _misspelt(text: str, rng: random.Random) -> str:
    """Leave out, double or exchange a letter of a word."""
    token = rng.choice(_words(text))
    place = rng.randrange(len(token.text))
    letters = [*token.text]
    letters[place : place + 1] = rng.choice([[], [letters[place]] * 2, [rng.choice("abz_")]])
    return _replaced(text, token, "".join(letters))


CHANGES: tuple[Callable[[str, random.Random], str], ...] = (
    _other_line,
    _other_word,
    _other_word,
    _other_word,
    _any_word,
    _swapped,
    _misspelt,
)


def _words(text: str) -> list[Token]:
    found = [each for each in lex(Source("m", text)) if each.kind != "COMMENT"]
    kept = [each for each in found if each.text]
    return kept or lex(Source("m", "model m"))[:1]


def _replaced(text: str, token: Token, new: str) -> str:
    return text[: token.start] + new + text[token.end :]


def told(found: Counter[str]) -> str:
    """Say in one line how far the programs got."""
    phases = ("nothing", *PHASES)
    return ", ".join(f"{found[phase]} {phase}" for phase in phases if found[phase])
