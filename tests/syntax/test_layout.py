"""Lines of a whole program."""

from __future__ import annotations

from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from ebmdsl.syntax.parse import parse


def neat(text: str) -> str:
    source = Source("m", text)
    file, found = parse(source)
    assert file is not None
    assert found.ok
    return format_file(file, source)


def test_single_blank_lines_stay() -> None:
    assert neat("\n\nmodel m\n\n\n\nlet a = 1\nlet b = 2\n\n\n") == (
        "model m\n\nlet a = 1\nlet b = 2\n"
    )


def test_comments_keep_their_column_where_they_can() -> None:
    assert neat("model m # a\nlet b=1    # c\nlet dd = 123456789 # e\n") == (
        "model m  # a\nlet b  = 1  # c\nlet dd = 123456789  # e\n"
    )


def test_comments_stand_as_deep_as_what_follows() -> None:
    assert neat("model m\nstage s {\n# a\nlet b = 1\n# c\n}\n# d\n") == (
        "model m\nstage s {\n    # a\n    let b = 1\n    # c\n}\n# d\n"
    )
