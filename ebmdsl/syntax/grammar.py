"""Finds the grammar and keeps its parser tables ready."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from ebmdsl.syntax.tables import FORMAT, Tables, digest, read_tables, write_tables


def grammar_file() -> Path:
    """The grammar: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "_grammar" / "ebm.lark"
    return installed if installed.exists() else package.parent / "grammar" / "ebm.lark"


def cache_folder() -> Path:
    """Where this user's caches are kept."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if named else Path("~").expanduser() / ".cache") / "ebmdsl"


@cache
def tables() -> Tables:
    """The parser tables: shipped, cached, or built anew."""
    path = grammar_file()
    text = path.read_text(encoding="utf-8")
    name = f"tables-{FORMAT}-{digest(text)}.json"
    for folder in (path.parent, _cache_or_nowhere()):
        found = folder and read_tables(folder / name)
        if found:
            return found
    return _build(text, name)


def _build(text: str, name: str) -> Tables:
    from ebmdsl.syntax.build import build_tables

    made = build_tables(text)
    folder = _cache_or_nowhere()
    if folder:
        write_tables(made, folder / name)
    return made


def _cache_or_nowhere() -> Path | None:
    try:
        return cache_folder()
    except RuntimeError:  # nobody's home is known
        return None
