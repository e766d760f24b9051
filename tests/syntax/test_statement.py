"""Lines of one statement."""

from __future__ import annotations

from ebmdsl.source.text import Source
from ebmdsl.syntax.lex import lex
from ebmdsl.syntax.statement import render


def test_a_statement_is_cut_where_it_may_be_padded() -> None:
    source = Source("m", "cost  c[t]   = sq( y )")
    lines = render(lex(source)[:-1], source)
    row = lines.row
    assert (row.keyword, row.head, row.sign, lines.rest) == ("cost", "c[t]", "=", "= sq(y)")
    assert (row.name_at, row.sign_at, row.is_name_padded, row.is_sign_padded) == (
        6,
        13,
        True,
        True,
    )
    assert lines.first(8, 14) == "cost    c[t]  = sq(y)"


def test_breaks_stay_and_clauses_move() -> None:
    source = Source("m", "param W : real\n  init 1 # why\n  with clip(\n0, 1)")
    lines = render(lex(source)[:-1], source)
    assert lines.hoisted == ("# why",)
    assert lines.more == ("    with clip(", "    0, 1)", "    init 1")
