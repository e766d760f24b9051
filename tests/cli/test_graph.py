"""Drawing a model from the command line, in every form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Ebmc
from tests.house.tree import ROOT

KMEANS = str(ROOT / "models" / "kmeans.ebm")


def test_dot_goes_to_stdout(ebmc: Ebmc) -> None:
    done = ebmc("graph", KMEANS)
    assert done.exit_code == 0
    assert done.stdout.startswith("digraph kmeans {")
    assert "distortion" in done.stdout


def test_json_has_a_version(ebmc: Ebmc) -> None:
    found = json.loads(ebmc("graph", KMEANS, "--format", "json").stdout)
    assert found["format_version"] == "1.2"
    assert found["energy"] == ["distortion"]


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", b"<?xml"),
        ("png", b"\x89PNG"),
        ("dot", b"digraph"),
        ("mmd", b""),
        ("txt", b"graph"),
    ],
)
def test_the_suffix_chooses_the_form(
    ebmc: Ebmc, tmp_path: Path, suffix: str, start: bytes
) -> None:
    path = tmp_path / f"x.{suffix}"
    done = ebmc("graph", KMEANS, "-o", str(path))
    assert done.exit_code == 0
    assert path.read_bytes().startswith(start)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert done.stderr == f"{path}: drawn\n"


def test_an_unknown_form_names_the_known_ones(ebmc: Ebmc, tmp_path: Path) -> None:
    done = ebmc("graph", KMEANS, "-o", str(tmp_path / "x.gif"))
    assert done.exit_code == 2
    assert "svg" in done.stderr


def test_a_place_that_cannot_be_written_is_said(ebmc: Ebmc, tmp_path: Path) -> None:
    done = ebmc("graph", KMEANS, "-o", str(tmp_path / "no" / "x.dot"))
    assert done.exit_code == 2
    assert "cannot write" in done.stderr
