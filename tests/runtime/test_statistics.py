"""Statistics of the training split: as numpy computes them, one inside another too."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ebmdsl.expr.node import Node
from ebmdsl.runtime.statistics import settled, statistics
from tests.runtime.programs import compiled, started

TEXT = """model m
data digs = digits()
observed y : real[64] from digs.image
param a : real[64] init {init}
param B : real[64, 64] init y.cov / 2
cost c = sq(y - a) + 0 * sq(B @ y)
train by energy with adam(1e-3)
"""


def start_of(init: str, name: str = "a") -> Node:
    model = compiled(TEXT.format(init=init)).model
    assert model is not None
    declared = model.find(name)
    assert declared is not None
    assert declared.init is not None
    return declared.init.options[0]


def test_statistics_are_those_of_the_samples() -> None:
    y = torch.randn(50, 64, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    a = settled(start_of("y.mean - 2 * y.std"), {"y": y})
    torch.testing.assert_close(a, y.mean(0) - 2 * y.std(0, correction=0))
    cov = settled(start_of("y.mean", "B"), {"y": y})
    torch.testing.assert_close(cov, torch.cov(y.T, correction=0) / 2)


def test_each_statistic_has_the_key_of_its_node() -> None:
    y = torch.ones(3, 64)
    found = statistics(start_of("y.mean - y.std"), {"y": y})
    assert len(found) == 2
    assert all(x.shape == (64,) for x in found.values())


def test_parameters_start_from_statistics_and_from_each_other(tmp_path: Path) -> None:
    text = TEXT.format(init="B @ y.mean").replace("model m", "model m(s = 3)")
    start = started(text, tmp_path)
    y = start.samples.variables["y"].double()
    cov = torch.cov(y.T, correction=0) / 2
    torch.testing.assert_close(
        start.module.get_parameter("B").double(), cov, atol=1e-5, rtol=1e-5
    )
    found = start.module.get_parameter("a").double()
    torch.testing.assert_close(found, cov @ y.mean(0), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("init", ["y.std", "y.mean"])
def test_statistics_are_in_double_precision(init: str) -> None:
    y = torch.rand(9, 64, generator=torch.Generator().manual_seed(1))
    assert settled(start_of(init), {"y": y}).dtype == torch.float64
