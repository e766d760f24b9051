"""Words of the language that the catalogue does not have yet: known, but not there."""

from __future__ import annotations

COMING = frozenset(
    {
        "fill",
        "linear_probe",
        "mmd2",
        "nll",
        "phase_pool",
        "unpool",
    }
)
