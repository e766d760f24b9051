"""Collecting diagnostics."""

from __future__ import annotations

from ebmdsl.source.diagnostic import Diagnostic, Diagnostics
from ebmdsl.source.text import Source

TEXT = Source("a.ebm", "one\nzwei λ\r\n\nend")


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
