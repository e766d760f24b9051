"""Tree to text: the canonical layout, with the comments of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.source.text import Source
from ebmdsl.syntax.layout import lay_out
from ebmdsl.syntax.parse import parse
from ebmdsl.syntax.write import write_file

if TYPE_CHECKING:
    from ebmdsl.syntax import ast


def format_file(file: ast.File, source: Source) -> str:
    """Lay a program out; one that was not read from this source has no comments."""
    if file.span.source is source and source.text:
        return lay_out(file, source)
    made = Source(source.name, write_file(file))
    again, _ = parse(made)
    return made.text if again is None else lay_out(again, made)
