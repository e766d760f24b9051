"""The laws of words: each is found by its file, explains itself and names its source."""

from __future__ import annotations

import re
from inspect import getdoc

import pytest

from ebmdsl.concepts.base import Concept, find, words
from ebmdsl.concepts.kinds import (
    Constraint,
    Function,
    Law,
    Layer,
    Optimizer,
    Sampler,
    Schedule,
    Strategy,
)
from ebmdsl.concepts.marginals import Marginalizer

KINDS: tuple[type[Concept], ...] = (
    Constraint,
    Function,
    Layer,
    Law,
    Marginalizer,
    Optimizer,
    Sampler,
    Schedule,
    Strategy,
)
WORDS = [(kind, word) for kind in KINDS for word in words(kind)]
EACH = pytest.mark.parametrize(
    ("kind", "word"), WORDS, ids=[f"{kind.folder}-{word}" for kind, word in WORDS]
)
SOURCE = re.compile(r"doi:10\.\d{4,}/\S+|arXiv:\d{4}\.\d{4,5}|section \d+(\.\d+)*")


def meaning(kind: type[Concept], word: str) -> str:
    """Return the docstring of a word."""
    found = find(kind, word)
    assert found is not None
    text = getdoc(found)
    assert text is not None
    return text


@EACH
def test_the_file_holds_its_word(kind: type[Concept], word: str) -> None:
    found = find(kind, word)
    assert found is not None
    assert found.word == word
    assert issubclass(found, kind)


@EACH
def test_the_first_sentence_is_a_meaning(kind: type[Concept], word: str) -> None:
    first = meaning(kind, word).split("\n\n")[0]
    assert first.endswith(".")
    assert len(first) > 15


@EACH
def test_the_source_is_named(kind: type[Concept], word: str) -> None:
    references = meaning(kind, word).partition("References: ")[2]
    assert SOURCE.search(references)


@EACH
def test_formulas_are_closed(kind: type[Concept], word: str) -> None:
    text = meaning(kind, word)
    assert text.count("$") % 2 == 0
    assert text.count("{") == text.count("}")


def test_symbols_of_functions_are_different() -> None:
    kinds = [found for word in words(Function) if (found := find(Function, word))]
    shown = [kind.symbol.template for kind in kinds]
    assert len(set(shown)) == len(shown)
