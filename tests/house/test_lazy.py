"""What is heavy is imported only where it is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

HEAVY = ("torch", "networkx", "pydantic", "numpy", "rich", "matplotlib", "sklearn")
WORDS = sorted((ROOT / "ebmdsl" / "std").glob("*/*.py"))


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
    )


def loaded_after(code: str) -> str:
    script = f"{code}\nimport sys\nprint('loaded:', *sorted(set(sys.modules) & set({HEAVY!r})))"
    done = run(script)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_command_line_imports_nothing_heavy() -> None:
    assert loaded_after("import ebmdsl.cli") == "loaded:"


def test_checking_a_model_imports_nothing_heavy() -> None:
    code = (
        "from click.testing import CliRunner\n"
        "from ebmdsl.cli import main\n"
        "done = CliRunner().invoke(main, ['check', 'models/sparse_coding.ebm'])\n"
        "assert done.exit_code == 0, done.output"
    )
    assert loaded_after(code) == "loaded:"


def test_the_words_of_the_language_import_no_torch() -> None:
    names = [_module(path) for path in WORDS]
    assert names
    code = f"import sys, importlib\nsys.modules['torch'] = None\nfor n in {names!r}:\n"
    done = run(code + "    importlib.import_module(n)")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["Compilation", "compile", "diagnose", "load"])
def test_public_names_are_looked_up_when_used(name: str) -> None:
    done = run(f"import ebmdsl, sys; assert 'lark' not in sys.modules; ebmdsl.{name}")
    assert done.returncode == 0, done.stderr


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)
