"""What could stand there, in words."""

from __future__ import annotations

from ebmdsl.syntax.expected import describe


def test_choices_are_words() -> None:
    assert describe(frozenset({"COLON", "LSQB"})) == "`:` or `[`"
    assert describe(frozenset({"NAME"})) == "a name"
    assert describe(frozenset({"EQUAL"})) == "`=`"
    expression = {"NAME", "NUMBER", "PERCENT", "STRING", "LPAR", "LSQB", "MINUS"}
    assert describe(frozenset(expression)) == "an expression"
    assert describe(frozenset({*expression, "RPAR"})) == "`)` or an expression"


def test_at_most_six_are_named() -> None:
    many = frozenset({"COLON", "LSQB", "EQUAL", "COMMA", "RPAR", "RSQB", "AS", "BY", "IN"})
    assert describe(many).count("`") == 12
