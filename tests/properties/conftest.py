"""Tells at the end of a run how far the mutated programs got."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.properties.mutations import told


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Add up what every test has counted."""
    whole: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        whole.update(dict(report.user_properties).get("mutations", {}))
    if whole:
        terminalreporter.write_line(f"{whole.total()} mutated programs reached: {told(whole)}")
