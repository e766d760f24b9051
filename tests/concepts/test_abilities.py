"""An ability is an interface with a law: each has a word that offers it, and a test."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from ebmdsl.concepts import abilities
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Constraint, Function, Law

TESTS = Path(__file__).parents[1]
ABILITIES = [
    one
    for one in vars(abilities).values()
    if inspect.isclass(one) and one.__module__ == abilities.__name__
]


@pytest.mark.parametrize("ability", ABILITIES, ids=lambda one: one.__name__)
def test_an_ability_cannot_be_had_without_its_methods(ability: type) -> None:
    assert inspect.isabstract(ability)
    with pytest.raises(TypeError, match="abstract"):
        ability()


@pytest.mark.parametrize("ability", ABILITIES, ids=lambda one: one.__name__)
def test_an_ability_is_offered_and_held_to_its_law(ability: type) -> None:
    found = [find(kind, word) for kind in (Function, Law, Constraint) for word in words(kind)]
    assert any(one is not None and issubclass(one, ability) for one in found)
    laws = "".join(path.read_text("utf-8") for path in (TESTS / "laws").glob("test_*.py"))
    assert ability.__name__ in laws
    assert "Law:" in (inspect.getdoc(ability) or "")
