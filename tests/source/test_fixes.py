"""Applying fixes."""

from __future__ import annotations

from ebmdsl.source.diagnostic import Fix
from ebmdsl.source.fixes import applied, respelled
from ebmdsl.source.text import Source

TEXT = Source("a.ebm", "one\nzwei λ\r\n\nend")


def test_fixes_are_applied_from_the_end_and_never_twice() -> None:
    fixes = [
        Fix(TEXT.span(0, 3), "eins", safe=True),
        Fix(TEXT.span(4, 8), "two", safe=True),
        Fix(TEXT.span(2, 5), "overlaps", safe=True),
    ]
    assert applied(TEXT, fixes[:2]) == "eins\ntwo λ\r\n\nend"
    assert applied(TEXT, fixes).count("overlaps") + applied(TEXT, fixes).count("eins") == 1


def test_a_misspelt_word_is_replaced_by_the_nearest() -> None:
    assert respelled(TEXT.span(0, 3), "one", known=["ones"]) == Fix(
        TEXT.span(0, 3), "ones", safe=False
    )
    assert respelled(TEXT.span(0, 3), "one", known=["eins"]) is None
    assert respelled(TEXT.span(0, 2), "one", known=["ones"]) is None
