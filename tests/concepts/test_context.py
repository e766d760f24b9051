"""Contexts: noise means training, and statistics are kept for the data only."""

from __future__ import annotations

import torch
from torch import Tensor

from ebmdsl.concepts.context import Context


def half(like: Tensor) -> Tensor:
    return torch.full_like(like, 0.5)


def test_there_is_noise_in_training_only() -> None:
    assert Context(half).training
    assert not Context().training


def test_statistics_are_kept_without_a_gradient() -> None:
    context = Context(half, [])
    running, value = torch.zeros(2), torch.ones(2, requires_grad=True)
    context.keep(running, value, share=0.5)
    assert context.kept is not None
    ((held, now, share),) = context.kept
    assert held is running
    assert not now.requires_grad
    assert share == 0.5


def test_nothing_is_kept_elsewhere() -> None:
    context = Context(half, [])
    there = context.elsewhere()
    there.keep(torch.zeros(2), torch.ones(2), share=0.5)
    assert there.training
    assert context.kept == []
