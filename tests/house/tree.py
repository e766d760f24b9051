"""The package as the house tests see it: files, functions and classes with their places."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import final

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.TryStar, ast.Match)


def expect_none(found: Iterable[str]) -> None:
    """Fail with every offender on a line of its own."""
    lines = sorted(set(found))
    assert not lines, "\n" + "\n".join(lines)


@cache
def modules(top: str) -> tuple[tuple[Path, ast.Module], ...]:
    """Every Python file under a folder of the repository, parsed."""
    paths = sorted(path for path in (ROOT / top).rglob("*.py") if "_grammar" not in path.parts)
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


@final
@dataclass(frozen=True, slots=True)
class Found:
    """One function, with the file and the class it stands in."""

    path: Path
    node: Function
    owner: ast.ClassDef | None

    @property
    def where(self) -> str:
        """Name the place as an editor opens it."""
        return f"{self.path.relative_to(ROOT)}:{self.node.lineno} {self.node.name}"

    @property
    def length(self) -> int:
        """Count lines from `def` to the end, less the docstring."""
        end = self.node.end_lineno or self.node.lineno
        return end - self.node.lineno + 1 - _docstring_lines(self.node)

    @property
    def is_dunder(self) -> bool:
        """Tell whether Python, not we, chose the signature."""
        return self.node.name.startswith("__") and self.node.name.endswith("__")


def functions(top: str) -> Iterator[Found]:
    """Walk every function and method under a folder of the repository."""
    for path, module in modules(top):
        owners = {
            id(item): cls
            for cls in ast.walk(module)
            if isinstance(cls, ast.ClassDef)
            for item in cls.body
        }
        yield from (
            Found(path, node, owners.get(id(node)))
            for node in ast.walk(module)
            if isinstance(node, Function)
        )


def classes(top: str) -> Iterator[tuple[Path, ast.ClassDef]]:
    """Walk every class under a folder of the repository."""
    for path, module in modules(top):
        yield from ((path, node) for node in ast.walk(module) if isinstance(node, ast.ClassDef))


def depth(node: ast.stmt) -> int:
    """Measure how many blocks stand inside one another; `elif` and `case` add none."""
    deepest = max((depth(child) for child in _inner(node)), default=0)
    return deepest + isinstance(node, BLOCKS)


def _inner(node: ast.stmt) -> Iterator[ast.stmt]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case ast.ExceptHandler(body=body) | ast.match_case(body=body):
                yield from body
            case ast.If() if _is_elif(node, child):
                yield from _inner(child)
            case ast.stmt():
                yield child
            case _:
                continue


def _is_elif(node: ast.stmt, child: ast.If) -> bool:
    if not isinstance(node, ast.If):
        return False
    return node.orelse == [child] and child.col_offset == node.col_offset


def _docstring_lines(node: Function) -> int:
    if ast.get_docstring(node) is None:
        return 0
    first = node.body[0]
    return (first.end_lineno or first.lineno) - first.lineno + 1
