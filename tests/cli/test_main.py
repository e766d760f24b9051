"""The group: commands, global flags, environment variables, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ebmdsl import __version__
from ebmdsl.cli import main
from ebmdsl.cli.main import COMMANDS
from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.std.fields import MissingDataError
from tests.cli.conftest import Ebmc
from tests.house.tree import ROOT

GLOBAL = ("--color", "--format", "--quiet", "--verbose", "--root", "--version", "--help")


def test_alone_it_shows_help_with_examples(ebmc: Ebmc) -> None:
    done = ebmc()
    assert done.exit_code == 0
    assert "Examples:" in done.stdout
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_global_flags(ebmc: Ebmc, name: str) -> None:
    done = ebmc(name, "-h")
    assert done.exit_code == 0
    assert [flag for flag in GLOBAL if flag not in done.stdout] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_has_an_environment_variable(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not str(one.envvar).startswith("EBMC_")] == []


@pytest.mark.parametrize("words", [["--version"], ["check", "--version"], ["version"]])
def test_the_version(ebmc: Ebmc, words: list[str]) -> None:
    assert ebmc(*words).stdout == f"ebmc {__version__}\n"


def test_the_verbose_version_names_the_libraries(ebmc: Ebmc) -> None:
    assert "torch" in ebmc("version", "-v").stdout


def test_flags_work_before_and_after_the_command(ebmc: Ebmc) -> None:
    assert json.loads(ebmc("--format", "json", "version").stdout)["version"] == __version__
    assert json.loads(ebmc("version", "--format", "json").stdout)["format_version"] == "1.0"


def test_a_flag_can_come_from_the_environment(
    ebmc: Ebmc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBMC_FORMAT", "json")
    assert json.loads(ebmc("version").stdout)["version"] == __version__
    assert ebmc("version", "--format", "human").stdout == f"ebmc {__version__}\n"


@pytest.mark.parametrize(
    ("words", "hint"),
    [(["chekc"], "Did you mean 'check'?"), (["version", "--formt=json"], "--format")],
)
def test_what_was_meant_is_named(ebmc: Ebmc, words: list[str], hint: str) -> None:
    done = ebmc(*words)
    assert done.exit_code == 2
    assert hint in done.stderr


def test_a_bug_of_ours_is_reported_without_a_traceback(
    ebmc: Ebmc, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("ebmdsl.cli.words.read_catalogue", lambda: 1 // 0)
    done = ebmc("words")
    (report,) = tmp_path.iterdir()
    assert done.exit_code == 70
    assert "Traceback" not in done.output
    assert str(report) in done.stderr
    assert "ZeroDivisionError" in report.read_text("utf-8")
    assert "Traceback" in ebmc("words", "-v").stderr


@pytest.mark.parametrize(
    ("error", "code"),
    [(RunError, 3), (RefusedError, 4), (MissingDataError, 3), (MemoryError, 3)],
)
def test_what_a_run_raises_is_one_message(
    ebmc: Ebmc, monkeypatch: pytest.MonkeyPatch, error: type[Exception], code: int
) -> None:
    def fail() -> None:
        raise error("because of the moon")

    monkeypatch.setattr("ebmdsl.cli.words.read_catalogue", fail)
    done = ebmc("words")
    assert done.exit_code == code
    assert done.stderr.startswith("ebmc: ")
    assert done.stderr.endswith("because of the moon\n")


@pytest.mark.parametrize(
    ("sent", "code", "words"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_an_interrupted_command_says_so(
    ebmc: Ebmc, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals, code: int, words: str
) -> None:
    monkeypatch.setattr("ebmdsl.cli.words.read_catalogue", lambda: signal.raise_signal(sent))
    before = signal.getsignal(sent)
    done = ebmc("words")
    assert done.exit_code == code
    assert done.stderr == f"ebmc: {words}\n"
    assert signal.getsignal(sent) == before


def test_the_module_runs_as_the_command() -> None:
    words = [sys.executable, "-m", "ebmdsl", "version"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout == f"ebmc {__version__}\n"
    assert done.returncode == 0


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ebmdsl", "words", "--markdown"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
