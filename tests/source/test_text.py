"""Sources, spans and what is said about them."""

from __future__ import annotations

from ebmdsl.source.diagnostic import Diagnostic, Diagnostics, Fix
from ebmdsl.source.show import applied
from ebmdsl.source.suggest import did_you_mean, suggest
from ebmdsl.source.text import NOWHERE, Source

TEXT = Source("a.ebm", "one\nzwei λ\r\n\nend")


def test_positions_count_from_one_in_characters() -> None:
    assert [TEXT.position(at) for at in (0, 3, 4, 9, 12, 16)] == [
        (1, 1),
        (1, 4),
        (2, 1),
        (2, 6),
        (3, 1),
        (4, 4),
    ]


def test_lines_come_without_their_ends() -> None:
    assert [TEXT.line(number) for number in range(6)] == ["", "one", "zwei λ", "", "end", ""]


def test_spans_name_their_place() -> None:
    span = TEXT.span(4, 8)
    assert (span.line, span.column, span.text, str(span)) == (2, 1, "zwei", "a.ebm:2:1")
    assert span.join(TEXT.span(0, 3)).text == "one\nzwei"
    assert (NOWHERE.line, NOWHERE.text) == (1, "")


def test_diagnostics_are_sorted_and_kept_once() -> None:
    found = Diagnostics()
    late = Diagnostic("late", "warning", "later", TEXT.span(9, 10))
    early = Diagnostic("early", "error", "earlier", TEXT.span(0, 3))
    found.report(late)
    assert found.ok
    assert found
    found.report(early)
    found.report(Diagnostic("late", "warning", "later", TEXT.span(9, 10)))
    assert found.all == (early, late)
    assert (found.errors, found.warnings, found.ok) == ((early,), (late,), False)


def test_fixes_are_applied_from_the_end_and_never_twice() -> None:
    fixes = [
        Fix(TEXT.span(0, 3), "eins", safe=True),
        Fix(TEXT.span(4, 8), "two", safe=True),
        Fix(TEXT.span(2, 5), "overlaps", safe=True),
    ]
    assert applied(TEXT, fixes[:2]) == "eins\ntwo λ\r\n\nend"
    assert applied(TEXT, fixes).count("overlaps") + applied(TEXT, fixes).count("eins") == 1


def test_the_nearest_word_is_suggested() -> None:
    assert suggest("photgraphs", ["photographs", "patches"]) == "photographs"
    assert suggest("Whiten", ["whiten"]) == "whiten"
    assert suggest("zzz", ["photographs"]) == ""
    assert did_you_mean("l2", ["l1", "sq"]) == "did you mean `l1`?"
    assert did_you_mean("zzz", ["l1"]) == ""
