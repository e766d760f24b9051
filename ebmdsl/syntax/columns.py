"""Columns of a paragraph: which names, and which signs, stand below one another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.source.cells import width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_HEADER = "model"
_TERMS = {"cost", "regularizer", "loss"}
_FAMILIES = (
    {"given", "observed", "latent", "random"},
    {"encoder", "decoder", "predictor", "generator", "let"},
    _TERMS,
    {"state", "negative"},
)


@final
@record
class Row:
    """The first line of a statement, cut where it may be padded, and how it was written."""

    keyword: str
    head: str
    """The name, with its plate or parameters; empty where nothing is padded."""
    sign: str
    """The `=`, `:` or `~` that follows, if it stands on this line."""
    name_at: int
    """The column of the name as written, counted from the keyword."""
    sign_at: int
    """The column of the sign as written."""
    is_name_padded: bool
    is_sign_padded: bool


@final
@dataclass(slots=True)
class _Groups:
    """Rows that share a column, as a forest: each row points at another one of its group."""

    toward: list[int]

    def root(self, row: int) -> int:
        """The row that stands for the group of a row."""
        while self.toward[row] != row:
            self.toward[row] = self.toward[self.toward[row]]
            row = self.toward[row]
        return row

    def join(self, one: int, other: int) -> None:
        """Put two rows, and all rows that go with them, into one group."""
        self.toward[self.root(other)] = self.root(one)

    def widest(self, widths: Sequence[int]) -> list[int]:
        """For each row, the largest width in its group."""
        largest: dict[int, int] = {}
        for row, each in enumerate(widths):
            root = self.root(row)
            largest[root] = max(each, largest.get(root, 0))
        return [largest[self.root(row)] for row in range(len(widths))]


def columns(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """For each row of a paragraph, the columns of its name and of its sign.

    Neighbors of one family share a column; so do rows that were written that way on purpose,
    that is with more than one space.
    """
    names = _groups(rows, _are_kin, written=_written_name)
    if _is_below_header(rows):
        names.join(0, 1)
    name_at = names.widest([len(row.keyword) + 1 for row in rows])
    ends = [at + width(row.head) + 1 for at, row in zip(name_at, rows, strict=True)]
    signs = _groups(
        rows, _are_alike, written=lambda row: (row.is_sign_padded, row.sign, row.sign_at)
    )
    return list(zip(name_at, signs.widest(ends), strict=True))


def _written_name(row: Row) -> tuple[bool, str, int]:
    return row.is_name_padded, "" if row.keyword == _HEADER else row.head, row.name_at


def _is_below_header(rows: Sequence[Row]) -> bool:
    """Whether the first name was put below the name of the model, on purpose."""
    header, first = [*rows[:2], None, None][:2]
    if header is None or first is None or header.keyword != _HEADER:
        return False
    return first.is_name_padded and first.name_at == header.name_at


def _groups(
    rows: Sequence[Row],
    belong: Callable[[Row, Row], bool],
    *,
    written: Callable[[Row], tuple[bool, str, int]],
) -> _Groups:
    found = _Groups(list(range(len(rows))))
    for number, (one, other) in enumerate(pairwise(rows)):
        if belong(one, other):
            found.join(number, number + 1)
    for same in _lined_up([written(row) for row in rows]):
        for one, other in pairwise(same):
            found.join(one, other)
    return found


def _lined_up(written: list[tuple[bool, str, int]]) -> Iterator[list[int]]:
    """The rows that stand in one column, if at least one of them is padded to stand there."""
    columns: dict[int, list[int]] = {}
    for number, (_, present, column) in enumerate(written):
        if present:
            columns.setdefault(column, []).append(number)
    return (same for same in columns.values() if any(written[row][0] for row in same))


def _are_kin(one: Row, other: Row) -> bool:
    pair = {one.keyword, other.keyword}
    return bool(one.head and other.head) and any(pair <= family for family in _FAMILIES)


def _are_alike(one: Row, other: Row) -> bool:
    is_term = {one.keyword, other.keyword} <= _TERMS
    return (
        bool(one.sign) and one.sign == other.sign and (one.keyword == other.keyword or is_term)
    )
