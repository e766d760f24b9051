"""Blocks of rows of one fixed size: a row's arithmetic does not depend on its company."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    Rowwise = Callable[..., tuple[Tensor, ...]]

ENTRIES = 65536
FEWEST, MOST = 256, 1024
WIDE, FEWEST_WIDE = 2048, 64
ON_DEVICE = 8192
WORK, LEAST = 2**28, 32


def block_rows(like: Tensor, *, work: float = 1.0) -> int:
    """Choose how many rows of this width and device are worked on together.

    Matrix products round differently for different numbers of rows, so the size must not
    depend on how many samples there are; these sizes keep a block inside the cache. Where
    one row is much `work`, in multiply-adds, a block is small, so that little is padded.
    """
    if like.device.type != "cpu":
        return ON_DEVICE
    width = max(1, prod(like.shape[1:]))
    fewest = FEWEST if width <= WIDE else FEWEST_WIDE
    light = min(MOST, max(fewest, ENTRIES // width))
    return min(light, max(LEAST, int(WORK / work)))


def in_blocks(
    rowwise: Rowwise, tensors: Sequence[Tensor], *, work: float = 1.0
) -> tuple[Tensor, ...]:
    """Apply a function of rows to whole tensors, block by block; all have n rows.

    While a graph is traced the batch stays whole: its size is symbolic there.
    """
    if torch.compiler.is_compiling():
        return rowwise(*tensors)
    n, size = tensors[0].shape[0], block_rows(tensors[0], work=work)
    starts = range(0, max(n, 1), size)
    parts = [rowwise(*(padded(one, start, size=size) for one in tensors)) for start in starts]
    return tuple(torch.cat(column)[:n] for column in zip(*parts, strict=True))


def padded(one: Tensor, start: int, *, size: int) -> Tensor:
    """Cut a block of exactly `size` rows; the first row (or zero) fills what is missing."""
    part = one[start : start + size]
    missing = size - part.shape[0]
    if missing == 0:
        return part.contiguous()
    filler = part[:1] if part.shape[0] else one.new_zeros(1, *one.shape[1:])
    return torch.cat([part, filler.expand(missing, *part.shape[1:])])
