"""Sections of text in a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebmdsl.render.text import columns, sections, wrapped

SENTENCE = "FISTA takes the step because the quadratic part is smooth and l1 has a prox"


def test_paragraphs_line_up_beside_their_label() -> None:
    text = sections(
        "psd", [("inference", [SENTENCE, "rejected: none"]), ("next", ["x"])], width=40
    )
    assert text.splitlines() == [
        "psd",
        "",
        "inference  FISTA takes the step because",
        "             the quadratic part is",
        "             smooth and l1 has a prox",
        "           rejected: none",
        "next       x",
    ]


def test_a_long_label_stands_alone() -> None:
    text = sections("m", [("what limits the volume", ["W"]), ("z", ["min"]), ("empty", [])])
    assert text.splitlines()[2:] == [
        "what limits the volume",
        "       W",
        "z      min",
        "empty",
    ]


def test_spaces_inside_and_indents_stay() -> None:
    assert wrapped("  recon (cost)     sparse (reg)", 80) == ["  recon (cost)     sparse (reg)"]
    assert wrapped("  one two three", 9) == ["  one two", "  three"]
    assert wrapped("one\n\ntwo", 20) == ["one", "", "two"]


@pytest.mark.parametrize(
    ("text", "wide"), [("‖z‖₁", 4), ("x\u0302", 1), ("能量", 4), ("a\u200bb", 2), ("", 0)]
)
def test_columns_are_what_a_terminal_shows(text: str, wide: int) -> None:
    assert columns(text) == wide


@given(st.text(alphabet="ab ẑ能\u0302", max_size=120), st.integers(12, 60))
def test_no_line_is_wider_than_asked_unless_a_word_is(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    indent = len(text) - len(text.lstrip())
    for line in lines:
        assert columns(line.strip()) + indent <= width or len(line.split()) <= 1


def test_a_section_fits_eighty_columns() -> None:
    text = sections(
        SENTENCE * 3, [("training", [SENTENCE * 3, SENTENCE]), ("z", [SENTENCE])], width=80
    )
    assert max(map(columns, text.splitlines())) <= 80
