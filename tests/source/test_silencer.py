"""Silenced warnings, and what is said of silencers that silence nothing."""

from __future__ import annotations

from ebmdsl.source.diagnostic import Diagnostic, Diagnostics, Severity
from ebmdsl.source.silencer import Silencer, UnknownSilencer, UnusedSilencer
from ebmdsl.source.text import Source

SOURCE = Source("m.ebm", "one\ntwo\nthree\n")
TWO = SOURCE.span(4, 7)
HELD = Silencer("collapse", TWO, 2, 2, TWO)


def reported(id: str, *, severity: Severity = "warning", start: int = 4) -> Diagnostics:
    found = Diagnostics()
    found.silence([HELD])
    found.report(Diagnostic(id, severity, "said", SOURCE.span(start, start + 3)))
    return found


def test_a_warning_of_that_name_on_that_line_is_dropped() -> None:
    found = reported("collapse")
    assert found.all == ()
    assert found.has_used(HELD)


def test_other_names_other_lines_and_errors_are_kept() -> None:
    for found in (
        reported("unbounded-gain"),
        reported("collapse", start=8),
        reported("collapse", severity="error"),
    ):
        assert len(found.all) == 1
        assert not found.has_used(HELD)


def test_what_silences_nothing_is_taken_out() -> None:
    fix = UnusedSilencer(TWO, "collapse", SOURCE.span(4, 8)).fix()
    assert fix is not None
    assert (fix.replacement, fix.safe, fix.span.text) == ("", True, "two\n")


def test_a_misspelt_name_gets_the_nearest_and_an_error_is_told_from_it() -> None:
    unknown = UnknownSilencer(TWO, ("twe", "collapse")).diagnostic()
    assert unknown.text == "did you mean `twe`?"
    assert unknown.fix is not None
    assert unknown.fix.replacement == "twe"
    error = UnknownSilencer(TWO, ("twe",), is_error=True).diagnostic()
    assert "only warnings" in error.message
    assert error.fix is None
