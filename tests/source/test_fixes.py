"""Applying fixes."""

from __future__ import annotations

from ebmdsl.source.diagnostic import Fix
from ebmdsl.source.fixes import applied, compatible, respelled
from ebmdsl.source.text import Source

TEXT = Source("a.ebm", "one\nzwei λ\r\n\nend")


def test_fixes_are_applied_and_of_those_that_meet_the_first() -> None:
    fixes = [
        Fix(TEXT.span(5, 8), "meets", safe=True),
        Fix(TEXT.span(0, 3), "eins", safe=True),
        Fix(TEXT.span(4, 5), "tw", safe=True),
        Fix(TEXT.span(2, 5), "overlaps", safe=True),
    ]
    assert applied(TEXT, fixes) == "eins\ntwwei λ\r\n\nend"
    assert applied(TEXT, fixes[::-1]) == applied(TEXT, fixes)
    assert compatible(fixes) == [fixes[1], fixes[2]]


def test_fixes_of_other_files_are_left_out() -> None:
    other = Source("b.ebm", TEXT.text)
    assert applied(TEXT, [Fix(other.span(0, 3), "eins", safe=True)]) == TEXT.text


def test_a_misspelt_word_is_replaced_by_the_nearest() -> None:
    assert respelled(TEXT.span(0, 3), "one", known=["ones"]) == Fix(
        TEXT.span(0, 3), "ones", safe=False
    )
    assert respelled(TEXT.span(0, 3), "one", known=["eins"]) is None
    assert respelled(TEXT.span(0, 3), "one", known=["onet", "ones"]) is None
    assert respelled(TEXT.span(0, 2), "one", known=["ones"]) is None
