"""Sources, spans and what is said about them."""

from __future__ import annotations

from ebmdsl.source.text import NOWHERE, Source

TEXT = Source("a.ebm", "one\nzwei λ\r\n\nend")


def test_positions_count_from_one_in_characters() -> None:
    assert [TEXT.position(at) for at in (0, 3, 4, 9, 12, 16)] == [
        (1, 1),
        (1, 4),
        (2, 1),
        (2, 6),
        (3, 1),
        (4, 4),
    ]


def test_lines_come_without_their_ends() -> None:
    assert [TEXT.line(number) for number in range(6)] == ["", "one", "zwei λ", "", "end", ""]


def test_spans_name_their_place() -> None:
    span = TEXT.span(4, 8)
    assert (span.line, span.column, span.text, str(span)) == (2, 1, "zwei", "a.ebm:2:1")
    assert span.join(TEXT.span(0, 3)).text == "one\nzwei"
    assert (NOWHERE.line, NOWHERE.text) == (1, "")
