"""Columns of a paragraph."""

from __future__ import annotations

from ebmdsl.syntax.columns import Row, columns


def row(keyword: str, head: str, *, padded: int = 0) -> Row:
    at = len(keyword) + 1 + padded
    sign_at = at + len(head) + 1
    return Row(
        keyword,
        head,
        "=",
        name_at=at,
        sign_at=sign_at,
        is_name_padded=padded > 0,
        is_sign_padded=False,
    )


def test_neighbors_of_a_family_share_columns() -> None:
    rows = [row("cost", "a"), row("regularizer", "bcd"), row("net", "f")]
    assert columns(rows) == [(12, 16), (12, 16), (4, 6)]


def test_strangers_share_a_column_only_on_purpose() -> None:
    rows = [row("net", "f"), row("encoder", "g")]
    assert [at for at, _ in columns(rows)] == [4, 8]
    rows = [row("net", "f", padded=4), row("encoder", "g")]
    assert [at for at, _ in columns(rows)] == [8, 8]


def test_a_paragraph_may_be_empty() -> None:
    assert columns([]) == []
