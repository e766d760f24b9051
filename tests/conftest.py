"""Shared by all tests: goldens, and one torch thread per worker."""

from __future__ import annotations

import os

import pytest

from tests.goldens import Goldens

os.environ["OMP_NUM_THREADS"] = "1"  # before anything imports torch


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--accept`, which records the output of now as golden."""
    parser.addoption("--accept", action="store_true", help="rewrite the golden files")


def pytest_configure(config: pytest.Config) -> None:
    """Name the long tiers."""
    config.addinivalue_line("markers", "soak: long and random, run by `make soak`")
    config.addinivalue_line("markers", "models: trains for minutes, run by `make models`")


@pytest.fixture
def goldens(request: pytest.FixtureRequest) -> Goldens:
    """The golden files, and whether this run rewrites them."""
    return Goldens(accept=bool(request.config.getoption("--accept")))
