"""The commands that read a program and say something about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ebmc
from tests.house.tree import ROOT

SPARSE = str(ROOT / "models" / "sparse_coding.ebm")
UGLY = "model   m( k=3 )\n\n\nobserved y:real[2]   # kept\n"
BROKEN = "model m\nlatent z : : real\ncost c = (\n"


@pytest.fixture
def ugly(tmp_path: Path) -> Path:
    path = tmp_path / "ugly.ebm"
    path.write_text(UGLY, "utf-8")
    return path


def test_a_good_program_is_ok(ebmc: Ebmc) -> None:
    done = ebmc("check", SPARSE)
    assert (done.exit_code, done.stdout, done.stderr) == (0, f"{SPARSE}: ok\n", "")
    assert ebmc("check", "-q", SPARSE).stdout == ""


def test_check_prints_what_it_finds_to_stdout(ebmc: Ebmc) -> None:
    done = ebmc("check", "-", stdin=BROKEN)
    assert done.exit_code == 1
    assert "<stdin>:2:12" in done.stdout
    assert done.stdout.count("error[") >= 2
    assert done.stderr == ""


def test_the_others_print_what_they_find_to_stderr(ebmc: Ebmc) -> None:
    for command in ("plan", "graph", "emit", "train"):
        done = ebmc(command, "-", stdin=BROKEN)
        assert done.exit_code == 1
        assert "<stdin>:2:12" in done.stderr
        assert done.stdout == ""


def test_one_bad_file_of_several_fails_the_check(ebmc: Ebmc, tmp_path: Path) -> None:
    bad = tmp_path / "bad.ebm"
    bad.write_text(BROKEN, "utf-8")
    done = ebmc("check", SPARSE, str(bad))
    assert done.exit_code == 1
    assert f"{SPARSE}: ok" in done.stdout


def test_json_diagnostics_are_json(ebmc: Ebmc) -> None:
    found = json.loads(ebmc("check", "--format", "json", "-", stdin=BROKEN).stdout)
    assert found["format_version"] == "1.0"
    assert found["diagnostics"][0]["id"]


def test_github_diagnostics_are_annotations(ebmc: Ebmc) -> None:
    lines = ebmc("check", "--format", "github", "-", stdin=BROKEN).stdout.splitlines()
    assert lines[0].startswith("::error file=<stdin>,line=2,")


def test_color_is_asked_for_or_guessed(ebmc: Ebmc) -> None:
    assert "\x1b[" in ebmc("check", "--color", "always", "-", stdin=BROKEN).stdout
    assert "\x1b[" not in ebmc("check", "-", stdin=BROKEN).stdout


def test_fmt_writes_in_place_and_then_leaves_alone(ebmc: Ebmc, ugly: Path) -> None:
    assert ebmc("fmt", str(ugly)).exit_code == 0
    tidy = ugly.read_text("utf-8")
    assert tidy != UGLY
    assert "# kept" in tidy
    assert ebmc("fmt", "--check", str(ugly)).exit_code == 0
    assert ebmc("fmt", "-", stdin=UGLY).stdout == tidy


def test_fmt_check_and_diff_write_nothing(ebmc: Ebmc, ugly: Path) -> None:
    assert ebmc("fmt", "--check", str(ugly)).exit_code == 1
    shown = ebmc("fmt", "--diff", str(ugly))
    assert shown.exit_code == 0
    assert "-observed y:real[2]   # kept" in shown.stdout
    assert ugly.read_text("utf-8") == UGLY
    assert [path.name for path in ugly.parent.iterdir()] == ["ugly.ebm"]


def test_fmt_leaves_a_broken_program_alone(ebmc: Ebmc, tmp_path: Path) -> None:
    path = tmp_path / "broken.ebm"
    path.write_text(BROKEN, "utf-8")
    done = ebmc("fmt", str(path))
    assert done.exit_code == 1
    assert "error[" in done.stderr
    assert path.read_text("utf-8") == BROKEN


def test_fmt_keeps_the_permissions(ebmc: Ebmc, ugly: Path) -> None:
    ugly.chmod(0o640)
    ebmc("fmt", str(ugly))
    assert ugly.stat().st_mode & 0o777 == 0o640


def test_explain_lists_every_message(ebmc: Ebmc) -> None:
    listed = ebmc("explain", "--list")
    assert listed.exit_code == 0
    assert "superscript" in listed.stdout


def test_explain_shows_a_page_with_programs(ebmc: Ebmc) -> None:
    done = ebmc("explain", "superscript")
    assert done.stdout.startswith("error[superscript]")
    assert "```" not in done.stdout
    assert "```ebm" in ebmc("explain", "superscript", "--markdown").stdout
    assert json.loads(ebmc("explain", "superscript", "--format", "json").stdout)["page"]


def test_explain_names_the_id_that_was_meant(ebmc: Ebmc) -> None:
    done = ebmc("explain", "superscrpt")
    assert done.exit_code == 2
    assert "did you mean `superscript`?" in done.stderr


def test_words_lists_by_kind(ebmc: Ebmc) -> None:
    done = ebmc("words")
    assert done.exit_code == 0
    assert {"functions", "datasets"} <= set(done.stdout.splitlines())
    assert "l1" in ebmc("words", "--list").stdout.splitlines()
    assert "l1" in json.loads(ebmc("words", "--format", "json").stdout)["words"]["functions"]


def test_words_shows_one_word_with_its_options(ebmc: Ebmc) -> None:
    assert ebmc("words", "spiral").stdout.startswith("spiral(n = 5000, noise = 0.01)")
    assert "# Functions" in ebmc("words", "--markdown").stdout
    assert "did you mean `spiral`?" in ebmc("words", "spirl").stderr


@pytest.mark.parametrize("stage", ["ast", "model", "expanded", "graph", "plan"])
def test_emit_prints_every_form_the_same_way_twice(ebmc: Ebmc, stage: str) -> None:
    first = ebmc("emit", "--stage", stage, SPARSE)
    assert first.exit_code == 0
    assert "sparse_coding" in first.stdout
    assert ebmc("emit", "--stage", stage, SPARSE).stdout == first.stdout


@pytest.mark.parametrize("pair", ["k", "=3", "k="])
def test_a_bad_override_is_wrong_usage(ebmc: Ebmc, pair: str) -> None:
    done = ebmc("check", SPARSE, "--set", pair)
    assert done.exit_code == 2
    assert "NAME=VALUE" in done.stderr


def test_an_override_changes_the_model(ebmc: Ebmc) -> None:
    words = ("emit", "--stage", "graph", SPARSE, "--set")
    assert "z : real[7]" in ebmc(*words, "k=7").stdout
