"""Inner gradients as forward code: traced once with symbolic sizes, differentiable again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch.fx.experimental.proxy_tensor import make_fx

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Energy = Callable[..., Tensor]

SAMPLES = 3


def slope_of(energy: Energy, z: Tensor, data: tuple[Tensor, ...]) -> Energy:
    """Return the gradient in z of `energy(z, *data) -> [n]` as straight-line forward code.

    The batch size stays symbolic, so one trace serves every batch, can be differentiated
    again, compiled in one graph and exported. Parameters are inputs: they come in `data`.
    """

    def total(z: Tensor, *data: Tensor) -> Tensor:
        return energy(z, *data).sum()

    example = tuple(_few(one, z.shape[0]) for one in (z, *data))
    gradient = torch.func.grad(total)
    return cast("Energy", make_fx(gradient, tracing_mode="symbolic")(*example))


def _few(one: Tensor, samples: int) -> Tensor:
    """Cut a batch to a few samples for tracing; parameters have no batch and stay whole."""
    if one.dim() == 0 or one.shape[0] != samples:
        return one.detach()
    return one[:1].detach().expand(SAMPLES, *one.shape[1:]).contiguous()


def as_forward(energy: Energy) -> Any:
    """Return the gradient without tracing, for use inside code that is traced as a whole."""
    return torch.func.grad(lambda z, *data: energy(z, *data).sum())
