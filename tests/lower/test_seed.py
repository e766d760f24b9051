"""Streams depend on seed, purpose and step, and on nothing else."""

from __future__ import annotations

import torch

from ebmdsl.lower.seed import key, numpy_stream, stream


def test_the_same_name_gives_the_same_numbers() -> None:
    first, second = (torch.randn(4, generator=stream(1, "noise", step=7)) for _ in range(2))
    assert torch.equal(first, second)
    assert numpy_stream(1, "x").random() == numpy_stream(1, "x").random()


def test_seed_purpose_and_step_each_matter() -> None:
    keys = {key(s, p, step=t) for s in range(5) for p in ("noise", "order") for t in range(50)}
    assert len(keys) == 500
    assert all(0 <= one < 2**63 for one in keys)
    assert numpy_stream(0, "x", step=1).random() != numpy_stream(0, "x", step=2).random()


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    torch.randn(3, generator=stream(0, "noise"))
    assert torch.equal(before, torch.get_rng_state())
