"""Room to recurse: programs may nest deeper than Python's own limit allows for."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

FRAMES = 20_000


@contextmanager
def deep_recursion() -> Generator[None]:
    """Allow more calls inside one another for a while; the language limits what needs them."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
