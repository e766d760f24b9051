"""Finds the grammar and keeps its parser tables ready."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, cast, final

from ebmdsl._record import record

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = 2
"""The number of the table format; a cache written for another one is not read."""

Row = dict[str, int]
"""What to do in one state, by symbol: shift to state n, or, as -1 - n, reduce by rule n."""


@final
@record
class Rule:
    """A production: what is taken off the stack and what is made of it."""

    symbol: str
    length: int
    action: str
    """What is made: a node, `*` for a list, nothing where one part stands for the whole."""
    keep: tuple[int | None, ...]
    """The parts in order: the n-th symbol, the items of list -1 - n, or an absent part."""


@final
@record
class Tables:
    """All that lexing and parsing need to know of the grammar."""

    pattern: str
    keywords: dict[str, str]
    literals: dict[str, str]
    ignored: tuple[str, ...]
    rules: tuple[Rule, ...]
    rows: tuple[Row, ...]
    start: int
    end: int


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
    name = f"tables-{FORMAT}-{_digest(text)}.json"
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


def write_tables(made: Tables, path: Path) -> bool:
    """Write tables for the next run; false where the folder is not ours to write."""
    body = json.dumps(asdict(made), separators=(",", ":"))
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(f"{_digest(body)}\n{body}", encoding="utf-8")
        draft.replace(path)
    except OSError:
        return False
    return True


def read_tables(path: Path) -> Tables | None:
    """Tables written before, or nothing if they are absent or damaged."""
    try:
        digest, _, body = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return _from_json(body) if digest == _digest(body) else None


def _from_json(body: str) -> Tables:
    data = cast("Mapping[str, object]", json.loads(body))
    rules = cast("list[dict[str, object]]", data["rules"])
    return Tables(
        pattern=cast("str", data["pattern"]),
        keywords=cast("dict[str, str]", data["keywords"]),
        literals=cast("dict[str, str]", data["literals"]),
        ignored=tuple(cast("list[str]", data["ignored"])),
        rules=tuple(_rule(each) for each in rules),
        rows=tuple(cast("list[Row]", data["rows"])),
        start=cast("int", data["start"]),
        end=cast("int", data["end"]),
    )


def _rule(data: dict[str, object]) -> Rule:
    return Rule(
        cast("str", data["symbol"]),
        cast("int", data["length"]),
        action=cast("str", data["action"]),
        keep=tuple(cast("list[int | None]", data["keep"])),
    )


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()
