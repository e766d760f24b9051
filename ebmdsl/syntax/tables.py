"""Parser tables as plain data, and the file that keeps them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
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


def write_tables(made: Tables, path: Path) -> bool:
    """Write tables for the next run; false where the folder is not ours to write."""
    body = json.dumps(asdict(made), separators=(",", ":"))
    draft = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(f"{digest(body)}\n{body}", encoding="utf-8")
        draft.replace(path)
    except OSError:
        return False
    return True


def read_tables(path: Path) -> Tables | None:
    """Tables written before, or nothing if they are absent or damaged."""
    try:
        known, _, body = path.read_text(encoding="utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return _from_json(body) if known == digest(body) else None


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


def digest(text: str) -> str:
    """Name a text by its contents."""
    return blake2b(text.encode(), digest_size=16).hexdigest()
