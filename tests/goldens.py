"""Golden files: recorded output that a person has read, rewritten by `pytest --accept`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, final

import pytest

if TYPE_CHECKING:
    from ebmdsl.source.diagnostic import Diagnostics

GOLDEN = Path(__file__).parent / "golden"
HEADER = re.compile(r"# (error|warning): \[([a-z0-9-]+)\] (\d+):(\d+)")

Expectation = tuple[str, str, int, int]


def programs(phase: str) -> list[Path]:
    """All programs recorded for one phase, sorted by name."""
    return sorted((GOLDEN / phase).rglob("*.ebm"))


def expectations(program: str) -> list[Expectation]:
    """Read the hand-written header: severity, id, line and column of every diagnostic."""
    found: list[Expectation] = []
    for line in program.splitlines():
        match = HEADER.fullmatch(line.rstrip())
        if match is None:
            return found
        severity, name, row, column = match.groups()
        found.append((severity, name, int(row), int(column)))
    return found


def diagnosed(diagnostics: Diagnostics) -> list[Expectation]:
    """Say of each diagnostic what a header says of it."""
    return [(one.severity, one.id, one.span.line, one.span.column) for one in diagnostics.all]


@final
@dataclass(frozen=True, slots=True)
class Goldens:
    """Compares text with what is recorded under `tests/golden/`."""

    accept: bool
    folder: Path = GOLDEN

    def check(self, name: str, text: str) -> None:
        """Compare with, or under `--accept` record as, `tests/golden/<name>`."""
        path = self.folder / name
        if self.accept:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        if not path.exists():
            pytest.fail(f"no golden {name}: read the output, then run `pytest --accept`")
        recorded = path.read_text(encoding="utf-8")
        if recorded != text:
            pytest.fail(_difference(name, recorded, text))

    def check_bad(self, path: Path, diagnostics: Diagnostics) -> None:
        """Hold a bad program to its header, which nothing rewrites, and to its message."""
        from ebmdsl.source.show import show

        expected = expectations(path.read_text(encoding="utf-8"))
        assert expected, f"{path.name} must start with lines `# error: [id] line:column`"
        assert sorted(diagnosed(diagnostics)) == sorted(expected), path.name
        rendered = show(diagnostics, format="human", color=False)
        self.check(str(path.relative_to(self.folder).with_suffix(".expected")), rendered)


def _difference(name: str, recorded: str, text: str) -> str:
    lines = unified_diff(
        recorded.splitlines(), text.splitlines(), "recorded", "now", lineterm=""
    )
    return f"{name} changed (`pytest --accept` records it):\n" + "\n".join(lines)
