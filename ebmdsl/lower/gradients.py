"""Inner gradients as forward code: traced once with symbolic sizes, differentiable again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch.fx.experimental.proxy_tensor import make_fx

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Energy = Callable[..., Tensor]


def slope_of(
    energy: Energy, z: Tensor, *, data: tuple[Tensor, ...], fixed: tuple[Tensor, ...]
) -> Energy:
    """Return the gradient in z of `energy(z, *data, *fixed) -> [n]` as forward code.

    `data` are the samples' tensors and `fixed` what all samples share. The batch size stays
    symbolic, so one trace serves every batch, can be differentiated again, compiled in one
    graph and exported.
    """

    def slope(z: Tensor, *inputs: Tensor) -> Tensor:
        found: Any = torch.func.vjp(lambda z: energy(z, *inputs), z)
        return found[1](z.new_ones(z.shape[0]))[0]

    samples = _unlike((z, *data), fixed)
    rows = (one.new_zeros(samples, *one.shape[1:]) for one in (z, *data))
    example = (*rows, *(one.detach() for one in fixed))
    traced = make_fx(slope, tracing_mode="symbolic")(*example)
    traced.graph.eliminate_dead_code()  # the value itself is not asked for
    traced.recompile()
    return cast("Energy", traced)


def _unlike(rows: tuple[Tensor, ...], fixed: tuple[Tensor, ...]) -> int:
    """Choose a batch size that no other axis has: equal sizes would be traced as one."""
    taken = {size for one in rows for size in one.shape[1:]}
    taken |= {size for one in fixed for size in one.shape}
    return next(size for size in range(2, len(taken) + 3) if size not in taken)
