"""Words of the language that the catalogue does not have yet: known, but not there."""

from __future__ import annotations

COMING = frozenset(
    {
        "fill",
        "nll",
        "phase_pool",
        "unpool",
    }
)
