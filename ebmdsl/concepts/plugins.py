"""Words of installed packages, declared as entry points of the group `ebmdsl.concepts`.

The name of an entry point is the kind and the word, such as `functions.huber`; it leads to the
class. A word of the standard library cannot be replaced. Only installed code is found.
"""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "ebmdsl.concepts"


@cache
def plugins() -> Mapping[tuple[str, str], Any]:
    """Return the entry points of installed words by kind and word; nothing is loaded.

    Most installations have none, and reading the metadata of all packages is slow: the
    files are looked at first.
    """
    if not any(_declares(folder) for folder in map(Path, sys.path) if folder.is_dir()):
        return {}
    metadata: Any = import_module("importlib.metadata")
    found: dict[tuple[str, str], Any] = {}
    for each in metadata.entry_points(group=GROUP):
        folder, _, word = each.name.partition(".")
        found.setdefault((folder, word), each)
    return found


def _declares(folder: Path) -> bool:
    """Tell whether a package in a folder declares words."""
    files = folder.glob("*.dist-info/entry_points.txt")
    return any(f"[{GROUP}]" in file.read_text("utf-8", "replace") for file in files)


def plugged(folder: str) -> tuple[str, ...]:
    """List the words of one kind that installed packages declare."""
    return tuple(sorted(word for kind, word in plugins() if kind == folder))
