"""What could stand in a place, in words that a user knows."""

from __future__ import annotations

from ebmdsl.syntax.grammar import tables

STARTERS = (
    *("data", "given", "observed", "latent", "param", "random", "state", "negative", "net"),
    *("func", "encoder", "decoder", "predictor", "generator", "let", "cost", "regularizer"),
    *("loss", "infer", "predict", "train", "run", "stage", "report", "expect", "plot", "use"),
)
"""The keywords that start a statement, in the order of a program."""

MAX_CHOICES = 6

_OPERATORS = frozenset({"PLUS", "MINUS", "PRODUCT", "POWER", "COMPARISON", "__ANON_2"})
_TAILS = frozenset({"LPAR", "LSQB", "DOT"})
_EXPRESSION = frozenset({"NAME", "NUMBER", "PERCENT", "STRING", "LPAR", "LSQB", "MINUS"})
_CLAUSES = frozenset({"WITH", "INIT", "FROM", "ON"})
_STATEMENTS = frozenset(word.upper() for word in STARTERS)
_KEYS = frozenset({"NAME"}) | _STATEMENTS | _CLAUSES | {"BY", "IN", "AS", "EXTENDS", "MODEL"}
_GROUPS = (
    (_KEYS, "a name"),
    (_EXPRESSION, "an expression"),
    (_EXPRESSION - {"MINUS"}, "an expression"),
    (_OPERATORS | _TAILS | {"__ANON_1"}, "an operator"),
    (_OPERATORS | _TAILS, "an operator"),
    (_OPERATORS, "an operator"),
    (_OPERATORS - {"__ANON_2"}, "an operator"),
    (_OPERATORS - {"__ANON_2", "COMPARISON"}, "an operator"),
    (_STATEMENTS | {"$END"}, "the next statement"),
    (_STATEMENTS, "the next statement"),
    (_CLAUSES, "a clause (`with`, `init`, `from`, `on`)"),
)
_WORDS = {
    "NAME": "a name",
    "NUMBER": "a number",
    "PERCENT": "a share such as `10%`",
    "STRING": 'a text such as `"other.ebm"`',
    "COMPARISON": "a comparison",
    "PRODUCT": "`*`",
    "$END": "the end of the file",
}


def describe(expected: frozenset[str]) -> str:
    """Up to six things that could stand there, as a list with `or`."""
    rest, words = expected, list[str]()
    for group, word in _GROUPS:
        if group <= rest:
            rest -= group
            words.append(word)
    words = sorted(_word(kind) for kind in rest) + words
    *most, last = words[:MAX_CHOICES] or ["the end of the file"]
    return f"{', '.join(most)} or {last}" if most else last


def _word(kind: str) -> str:
    return _WORDS.get(kind) or f"`{tables().literals[kind]}`"
