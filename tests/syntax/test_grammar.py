"""The grammar, its tables, and their cache."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ebmdsl.syntax import ast, grammar
from ebmdsl.syntax.expected import STARTERS
from ebmdsl.syntax.grammar import tables
from ebmdsl.syntax.make import MAKERS

SILENT = {"", "*"}


def test_the_cache_is_used_and_spares_lark(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from ebmdsl.source.text import Source\n"
        "from ebmdsl.syntax.parse import parse\n"
        "assert parse(Source('m', 'model m'))[1].ok\n"
        "print('lark' in sys.modules)\n"
    )
    environment = {"XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
    said = [_run(script, environment) for _ in range(2)]
    assert said == ["True", "False"]
    assert len(list((tmp_path / "ebmdsl").iterdir())) == 1


def test_a_home_that_is_not_ours_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "ebmdsl").write_text("a file where the folder should be")
    script = (
        "from ebmdsl.source.text import Source\n"
        "from ebmdsl.syntax.parse import parse\n"
        "print(parse(Source('m', 'model m'))[1].ok)\n"
    )
    assert _run(script, {"XDG_CACHE_HOME": str(tmp_path), "PATH": ""}) == "True"


def _run(script: str, environment: dict[str, str]) -> str:
    root = Path(grammar.__file__).parents[2]
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_every_production_makes_something() -> None:
    assert {rule.action for rule in tables().rules} - SILENT == set(MAKERS)


def test_every_class_has_a_production() -> None:
    rules = {rule.symbol for rule in tables().rules} | {rule.action for rule in tables().rules}
    classes = {name.lower() for name in ast.__all__ if name[0].isupper()}
    unions = {
        "syntax",
        "expr",
        "statement",
        "comparison",
        "operator",
        "declare",
        "role",
        "kind",
    }
    assert classes - unions - rules == {"pipe", "named"} - rules


def test_every_keyword_that_starts_a_statement_is_known_to_hints() -> None:
    row = tables().rows[tables().rows[tables().start]["header"]]
    assert {kind.lower() for kind in row if kind.isalpha() and kind.isupper()} == set(STARTERS)
