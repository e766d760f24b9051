"""Marks and labels in a code frame."""

from __future__ import annotations

from ebmdsl.source.diagnostic import Diagnostic, Fix, Label
from ebmdsl.source.show import show
from ebmdsl.source.text import Source


def frame(source: Source, *spans: tuple[int, int, str]) -> list[str]:
    (start, end, text), *others = spans
    labels = tuple(Label(source.span(s, e), t) for s, e, t in others)
    one = Diagnostic("x", "error", "m", source.span(start, end), text=text, labels=labels)
    return show([one]).splitlines()[3:-2]


def test_labels_on_one_line_do_not_meet() -> None:
    source = Source("a", "abc def ghi")
    assert frame(source, (0, 3, "first"), (4, 7, "second"), (8, 11, "third")) == [
        "1 | abc def ghi",
        "  | ^^^ --- --- third",
        "  | |   second",
        "  | first",
    ]


def test_wide_and_combining_characters_keep_the_marks_in_place() -> None:
    source = Source("a", "能量 y\u0302 = x")
    assert frame(source, (0, 2, "")) == ["1 | 能量 y\u0302 = x", "  | ^^^^"]
    assert frame(source, (3, 5, "")) == ["1 | 能量 y\u0302 = x", "  |      ^"]
    assert frame(source, (8, 9, "")) == ["1 | 能量 y\u0302 = x", "  |          ^"]


def test_tabs_are_four_cells() -> None:
    assert frame(Source("a", "\tx\ty"), (3, 4, "here")) == [
        "1 |     x    y",
        "  |          ^ here",
    ]


def test_a_span_over_lines_ends_with_its_first_line() -> None:
    assert frame(Source("a", "ab c\nd"), (3, 6, "")) == ["1 | ab c", "  |    ^"]


def test_the_end_of_a_file_can_be_marked() -> None:
    assert frame(Source("a", "ab\n"), (3, 3, "more")) == ["2 |", "  | ^ more"]


def test_of_a_very_long_line_only_a_part_is_shown() -> None:
    code, marks = frame(Source("a", "x" * 5000 + "here" + "y" * 5000), (5000, 5004, ""))
    assert len(code) < 200
    assert code[marks.index("^") :].startswith("here")


def test_a_fix_may_insert_lines() -> None:
    source = Source("a", "model m\nend")
    one = Diagnostic(
        "x", "error", "m", source.span(8, 11), fix=Fix(source.span(8, 8), "let a\n", safe=True)
    )
    assert show([one]).splitlines()[6:12] == [
        "help: replace it                                       (safe: --fix)",
        "  |",
        "2 | let a",
        "  | +++++",
        "3 | end",
        "  |",
    ]
