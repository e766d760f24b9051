"""The house limits, measured on every file, with no list of exceptions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.house.tree import (
    ROOT,
    Found,
    Function,
    classes,
    depth,
    expect_none,
    functions,
    modules,
)

OURS = ("ebmdsl", "tests", "benchmarks")
VAGUE = {"utils", "util", "helpers", "helper", "misc", "common", "stuff"}
OPEN_ENDED = {"ABC", "Protocol", "Enum", "StrEnum", "IntEnum", "TypedDict", "NamedTuple"}
Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module
STATED = {"final", "concept", "mistake"}


@pytest.mark.parametrize("top", OURS)
def test_functions_are_short(top: str) -> None:
    expect_none(f"{one.where}: {one.length}" for one in functions(top) if one.length > 40)


def test_most_functions_are_very_short() -> None:
    assert median(one.length for one in functions("ebmdsl")) <= 8


@pytest.mark.parametrize("top", OURS)
def test_files_are_short(top: str) -> None:
    sizes = {path: len(path.read_text("utf-8").splitlines()) for path, _ in modules(top)}
    expect_none(f"{path.relative_to(ROOT)}: {n}" for path, n in sizes.items() if n > 400)


@pytest.mark.parametrize("top", OURS)
def test_blocks_are_flat(top: str) -> None:
    expect_none(
        one.where
        for one in functions(top)
        if max((depth(statement) for statement in one.node.body), default=0) > 2
    )


def test_parameters_are_few() -> None:
    expect_none(
        one.where
        for one in functions("ebmdsl")
        if not one.is_dunder and len(_positional(one)) + len(one.node.args.kwonlyargs) > 5
    )


GIVEN = {"setup_context"}  # torch's own signature


def test_parameters_past_the_second_are_named() -> None:
    expect_none(
        one.where
        for one in functions("ebmdsl")
        if not one.is_dunder and one.node.name not in GIVEN and len(_positional(one)) > 2
    )


def test_no_flag_is_positional() -> None:
    expect_none(
        one.where
        for one in functions("ebmdsl")
        if not one.is_dunder
        for parameter in _positional(one)
        if isinstance(parameter.annotation, ast.Name) and parameter.annotation.id == "bool"
    )


@pytest.mark.parametrize("top", OURS)
def test_returns_are_annotated(top: str) -> None:
    expect_none(one.where for one in functions(top) if one.node.returns is None)


def test_public_things_say_what_they_are() -> None:
    expect_none(_undocumented())


def test_first_lines_are_sentences() -> None:
    expect_none(
        f"{place}: {first}"
        for place, first in _first_lines()
        if not first or not first.rstrip().endswith((".", "?", "!", ":"))
    )


def test_no_module_has_a_vague_name() -> None:
    expect_none(str(path) for path, _ in modules("ebmdsl") if path.stem in VAGUE)


def test_classes_are_abstract_or_final() -> None:
    known = {cls.name: cls for _, cls in classes("ebmdsl")}
    bases = {base for cls in known.values() for base in _names(cls.bases)}
    expect_none(
        f"{path.relative_to(ROOT)}:{cls.lineno} {cls.name}"
        for path, cls in classes("ebmdsl")
        if not _is_stated(cls) and not (cls.name in bases and _inherits_open(cls, known))
        if not _is_open(cls)
    )


def test_nothing_calls_super() -> None:
    expect_none(
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, module in modules("ebmdsl")
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and _names([node.func]) == {"super"}
    )


def test_annotations_are_never_evaluated() -> None:
    expect_none(
        str(path)
        for path, module in modules("ebmdsl")
        if any(isinstance(node, ast.FunctionDef) for node in ast.walk(module))
        and "from __future__ import annotations" not in path.read_text("utf-8")
    )


def _positional(one: Found) -> list[ast.arg]:
    named = [*one.node.args.posonlyargs, *one.node.args.args]
    static = any(name == "staticmethod" for name in _names(one.node.decorator_list))
    return named[1:] if one.owner is not None and not static else named


def _undocumented() -> Iterator[str]:
    for path, module in modules("ebmdsl"):
        named = [node for node in module.body if isinstance(node, Function | ast.ClassDef)]
        public: list[Documented] = [node for node in named if not node.name.startswith("_")]
        yield from (_place(path, node) for node in public if ast.get_docstring(node) is None)
        if module.body and ast.get_docstring(module) is None:
            yield _place(path, module)


def _first_lines() -> Iterator[tuple[str, str]]:
    for path, module in modules("ebmdsl"):
        written = (node for node in ast.walk(module) if isinstance(node, Documented))
        pairs = ((node, ast.get_docstring(node)) for node in written)
        yield from ((_place(path, one), text.split("\n\n")[0]) for one, text in pairs if text)


def _place(path: Path, node: Documented) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def _is_open(cls: ast.ClassDef) -> bool:
    keywords = {name for word in cls.keywords for name in _names([word.value])}
    return bool((_names(cls.bases) & OPEN_ENDED) or "ABCMeta" in keywords)


def _inherits_open(cls: ast.ClassDef, known: dict[str, ast.ClassDef]) -> bool:
    ours = [known[name] for name in _names(cls.bases) if name in known]
    return _is_open(cls) or any(_inherits_open(base, known) for base in ours)


def _is_stated(cls: ast.ClassDef) -> bool:
    return bool(_names(cls.decorator_list) & STATED)


def _names(nodes: list[ast.expr]) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case ast.Call(func=inner) | ast.Subscript(value=inner):
                found |= _names([inner])
            case _:
                pass
    return found
