"""What can go wrong with a run and is no fault of the compiler: each is one clear sentence."""

from __future__ import annotations

from typing import final


@final
class RunError(Exception):
    """A run cannot go on, or what it needs is missing."""


@final
class RefusedError(Exception):
    """Something was offered that we do not trust: it is not used."""
