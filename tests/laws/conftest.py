"""A data folder for the laws: small files in the published formats."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.laws import published


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a data folder with small files in the published formats."""
    folder = tmp_path_factory.mktemp("data")
    published.fill(folder)
    return folder


@pytest.fixture
def data_folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a data folder of its own, a copy of the one that was filled."""
    folder = tmp_path / "data"
    shutil.copytree(filled, folder)
    published.trusted(folder, monkeypatch)
    monkeypatch.setenv("EBMC_DATA", str(folder))
    return folder
