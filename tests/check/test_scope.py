"""Names: declared once, found on demand, remembered where they were written."""

from __future__ import annotations

from ebmdsl.check.scope import Scope
from ebmdsl.expr.build import const
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source, Span
from tests.check.programs import messages, said

HEAD = "model m\nobserved y : real[2]\ncost e = sq(y)\n"


def test_a_second_declaration_shows_the_first() -> None:
    assert said(HEAD + "param y : real\n") == [("duplicate-name", 4, 7)]


def test_reserved_names_stay_reserved() -> None:
    assert said(HEAD + "param E : real\nparam logZ : real\n") == [
        ("reserved-name", 4, 7),
        ("reserved-name", 5, 7),
    ]


def test_a_failed_name_is_told_once() -> None:
    text = HEAD + "let a = sq(q)\ncost b = a\ncost c = a + a\n"
    assert said(text) == [("unknown-name", 4, 12)]


def test_near_names_are_suggested_from_file_and_catalogue() -> None:
    assert messages(HEAD + "param weight : real[2]\ncost f = sq(y - wieght)\n") == [
        "unknown name `wieght` | did you mean `weight`?"
    ]


def test_a_place_is_noted_once() -> None:
    scope, source = Scope(Diagnostics()), Source("a", "x + x")
    for _ in range(2):
        scope.note(const(1), Span(source, 0, 1))
    assert len(scope.origins[const(1)]) == 1


def test_indices_and_arguments_have_names_of_their_own() -> None:
    text = HEAD + "func f(u, u) = u\nlatent z[t in 1..2, E in 1..2] : real\n"
    text += "infer z by minimize\n"
    assert said(text) == [("duplicate-name", 4, 11), ("reserved-name", 5, 21)]


def test_a_definition_does_not_see_itself() -> None:
    text = HEAD + "func relu(u) = relu(u) + u / 10\ncost f = sum(relu(y))\n"
    assert said(text) == []


def test_a_name_of_two_declarations_has_no_consequences() -> None:
    text = "model m(h = 3)\nobserved y : real[2]\nlatent h : real[2]\ncost e = sq(y - h)\n"
    assert said(text) == [("duplicate-name", 3, 8)]
