"""Words are found by the names of their files, one file for one word."""

from __future__ import annotations

import subprocess
import sys
from abc import abstractmethod

import pytest

from ebmdsl.concepts.base import Concept, DuplicateWordError, concept, find, words
from ebmdsl.concepts.kinds import Function, Solver


class Toy(Concept):
    """A kind that only this test knows."""

    __slots__ = ()
    folder = "toys"

    @abstractmethod
    def size(self) -> int:
        """Return a number."""


def test_listing_words_imports_none_of_them() -> None:
    code = (
        "import sys\nfrom ebmdsl.concepts.base import words\n"
        "from ebmdsl.concepts.kinds import Function\nassert 'l1' in words(Function)\n"
        "assert not [name for name in sys.modules if name.startswith('ebmdsl.std.functions.')]"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_word_is_found_by_its_kind() -> None:
    found = find(Function, "l1")
    assert found is not None
    assert found.word == "l1"
    assert find(Solver, "l1") is None


@pytest.mark.parametrize("word", ["", "_l1", "l1 ", "../l1", "no_such_word", "__init__"])
def test_what_is_no_word_is_not_found(word: str) -> None:
    assert find(Function, word) is None


def test_every_word_of_every_kind_declares_itself() -> None:
    for kind in (Function, Solver):
        assert [
            word for word in words(kind) if getattr(find(kind, word), "word", "") != word
        ] == []


def test_options_are_fields_of_a_frozen_dataclass() -> None:
    @concept("ball")
    class Ball(Toy):
        """A toy."""

        radius: int = 2

        def size(self) -> int:
            """Return the radius."""
            return self.radius

    assert Ball(radius=3).size() == 3
    assert Ball() == Ball(2)
    assert Ball.word == "ball"


def test_a_word_has_one_meaning() -> None:
    def declare(module: str) -> None:
        cls = type("Top", (Toy,), {"__module__": module, "size": lambda self: 1})
        concept("top")(cls)

    declare("here")
    with pytest.raises(DuplicateWordError, match="in here and in there"):
        declare("there")


def test_an_unfinished_concept_is_refused() -> None:
    class Half(Toy):
        """A toy without a size."""

    with pytest.raises(TypeError, match="does not define size"):
        concept("half")(Half)
