"""Mistakes of values say what is wrong, where it was declared and what to do."""

from __future__ import annotations

from tests.check.programs import diagnosed

HEAD = "model m\nobserved y : token[5]\nparam b : real[5]\n"


def test_a_wrong_domain_shows_the_declaration() -> None:
    (found,) = diagnosed(HEAD + "cost e = sq(y - b)\n")
    assert found.id == "wrong-domain"
    assert found.span.text == "y"
    assert [label.text for label in found.labels] == ["`y` is token"]
    assert found.help


def test_a_misplaced_expression_says_where_it_belongs() -> None:
    (found,) = diagnosed(HEAD + "cost e = sq(b[y]) + sum(batch(b[y]))\n")
    assert found.id == "misplaced-expression"
    assert found.span.text == "batch(b[y])"
    assert "in a loss only" in found.message
    assert "`loss`" in found.help


def test_an_empty_plate_is_marked_at_its_index() -> None:
    (found,) = diagnosed(HEAD + "cost e[t in 5..2] = sq(b)\n")
    assert found.span.text == "t in 5..2"
    assert found.message == "index `t` runs over 5..2, which is empty"
