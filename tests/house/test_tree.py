"""What must be where, and what must not be said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.tree import ROOT, expect_none, modules

ELSEWHERE = {"std", "cli"}  # covered by laws, and by tests/cli as a whole
SPOKEN = ("ebmdsl", "tests", "benchmarks", "models", "grammar", ".ci")
PLACES = re.compile(
    r"(?<![\w.])/(work|home|root|opt|tmp)/\w"
    r"|python[h]osted|registry\.npm|//(pypi|test\.pypi)\.|deb\.debian"
    r"|[\w.]+@[\w-]+\.(com|org|net)\b"
)


def test_every_module_has_its_test() -> None:
    expect_none(
        str(path.relative_to(ROOT))
        for path, module in modules("ebmdsl")
        if _has_code(path, module) and not _test_of(path).exists()
    )


def test_no_file_names_a_machine_or_a_person() -> None:
    expect_none(
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _texts()
        if (match := PLACES.search(path.read_text("utf-8", errors="replace")))
    )


def test_every_package_of_the_tests_mirrors_one() -> None:
    ours = {path.name for path in (ROOT / "ebmdsl").iterdir() if path.is_dir()}
    special = {"bad", "golden", "house", "laws", "models", "programs", "properties", "spec"}
    theirs = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert theirs <= ours | special | {"__pycache__"}


def _has_code(path: Path, module: ast.Module) -> bool:
    parts = path.relative_to(ROOT / "ebmdsl").parts
    if parts[0] in ELSEWHERE or path.stem in {"__init__", "__main__"}:
        return False
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.walk(module))


def _test_of(path: Path) -> Path:
    inside = path.relative_to(ROOT / "ebmdsl")
    return ROOT / "tests" / inside.parent / f"test_{path.stem.lstrip('_')}.py"


def _texts() -> Iterator[Path]:
    yield from (path for path in ROOT.iterdir() if path.is_file())
    inside = (path for top in SPOKEN for path in sorted((ROOT / top).rglob("*")))
    yield from (p for p in inside if p.is_file() and "__pycache__" not in p.parts)
