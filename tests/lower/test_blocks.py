"""Blocks of rows: one shape whatever the batch."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.blocks import block_rows, in_blocks, padded


@pytest.mark.parametrize("width", [1, 64, 200, 256, 5000])
def test_the_size_follows_from_the_width_alone(width: int) -> None:
    sizes = {block_rows(torch.zeros(n, width)) for n in (0, 1, 3, 10_000)}
    assert len(sizes) == 1
    assert sizes.pop() >= (250 if width <= 2048 else 16)


@pytest.mark.parametrize("n", [1, 3, 257, 513])
def test_every_block_has_the_same_shape_and_rows_come_back(n: int) -> None:
    seen: set[tuple[int, ...]] = set()

    def rowwise(x: Tensor, y: Tensor) -> tuple[Tensor, ...]:
        seen.add(tuple(x.shape))
        return x.sum(-1), x + y

    x, y = torch.randn(n, 256), torch.randn(n, 256)
    total, both = in_blocks(rowwise, (x, y))
    assert seen == {(256, 256)}
    torch.testing.assert_close(total, x.sum(-1))
    torch.testing.assert_close(both, x + y)


def test_an_empty_batch_stays_empty() -> None:
    (found,) = in_blocks(lambda x: (x + 1,), (torch.zeros(0, 7),))
    assert found.shape == (0, 7)


def test_the_first_row_fills_what_is_missing() -> None:
    block = padded(torch.tensor([[1.0], [2.0], [3.0]]), 1, size=4)
    assert block[:, 0].tolist() == [2, 3, 2, 2]


def test_a_row_of_a_product_is_bitwise_the_same_in_every_place() -> None:
    w = torch.randn(256, 256)
    row = torch.randn(1, 256)
    alone = in_blocks(lambda x: (x @ w,), (row,))[0][0]
    for place in (0, 1, 100, 255, 256, 400):
        x = torch.randn(401, 256)
        x[place] = row[0]
        assert torch.equal(in_blocks(lambda x: (x @ w,), (x,))[0][place], alone)


def test_rows_that_are_much_work_come_in_small_blocks() -> None:
    like = torch.zeros(3, 4)
    assert block_rows(like, work=1e4) == block_rows(like)
    assert block_rows(like, work=3e7) == 32
    seen: list[int] = []

    def rowwise(x: Tensor) -> tuple[Tensor, ...]:
        seen.append(x.shape[0])
        return (2 * x,)

    x = torch.arange(40.0).unsqueeze(1)
    assert torch.equal(in_blocks(rowwise, (x,), work=1e9)[0], 2 * x)
    assert seen == [32, 32]
