"""A limit on the depth of the tree, so that later phases may recurse on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.syntax import ast
from ebmdsl.syntax.mistakes import TooDeep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.source.mistake import Mistake

MAX_DEPTH = 160


def too_deep(file: ast.File) -> list[Mistake]:
    """A mistake for every statement that is too deep."""
    return [
        TooDeep(each.span, f"more than {MAX_DEPTH} operations are nested or chained")
        for each in _deep(file)
    ]


def _deep(file: ast.File) -> Iterator[ast.Syntax]:
    return (each for each in ast.children(file) if _is_deep(each))


def _is_deep(piece: ast.Syntax) -> bool:
    if piece.span.end - piece.span.start <= MAX_DEPTH:
        return False
    level = [piece]
    for _ in range(MAX_DEPTH):
        level = [inner for each in level for inner in ast.children(each)]
        if not level:
            return False
    return True
