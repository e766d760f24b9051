"""Derivatives of a value as forward code: each can be differentiated again, and again."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, cast, final

import torch

from ebmdsl._record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Function = Callable[[Tensor], Tensor]

CHUNK = 64


@final
@record
class Axes:
    """What a value and a variable are made of: [n, …] where they have a value per sample.

    `plates` are those of the value, `inside` its own dimensions, `entries` the dimensions of
    the variable.
    """

    value_of_sample: bool
    variable_of_sample: bool
    plates: tuple[int, ...]
    inside: tuple[int, ...]
    entries: tuple[int, ...]


def derivative(
    word: str, function: Function, *, x: Tensor, axes: Axes, along: Tensor | None = None
) -> Tensor:
    r"""Return a derivative of `function` at x, sample by sample and plate by plate.

    `grad` is the slope of a number, [n, *plates, *entries]; `laplacian` the sum of its second
    derivatives in every entry, [n, *plates]; `jvp` how a value changes `along` a direction;
    `jacobian_norm` the sum of all squared entries of the Jacobian, $\lVert J \rVert_F^2$.
    A sample's value depends on no other sample.

    References: Baydin et al. 2018, arXiv:1502.05767
    """
    match word:
        case "grad":
            return _slope(function, x, axes=axes)
        case "laplacian":
            return _bend(function, x, axes=axes)
        case "jvp":
            assert along is not None
            return _change(function, x, along=along.expand_as(x))
        case "jacobian_norm":
            return _size(function, x, axes=axes)
        case _:
            raise ValueError(f"`{word}` is no derivative")


def _slope(function: Function, x: Tensor, *, axes: Axes) -> Tensor:
    if axes.value_of_sample and not axes.variable_of_sample:
        moved = _columns(function, x, axes=axes)
        return moved.movedim(0, -1).reshape([*moved.shape[1:], *axes.entries])
    if not axes.plates:
        return cast("Any", torch.func.grad(lambda x: function(x).sum()))(x)
    return _rows(function, x, axes=axes)


def _rows(function: Function, x: Tensor, *, axes: Axes) -> Tensor:
    """Return the slope of every number of a sample, [n, *plates, *inside, *entries]."""
    value, back = cast("Any", torch.func.vjp(function, x))
    own = (*axes.plates, *axes.inside)
    ones = torch.eye(prod(own), dtype=value.dtype, device=value.device)
    batch = [1] if axes.value_of_sample else []
    chosen = ones.reshape([-1, *batch, *own]).expand([-1, *value.shape])
    (found,) = torch.func.vmap(back, chunk_size=CHUNK)(chosen)
    at = 1 if axes.value_of_sample else 0
    return found.movedim(0, at).reshape([*value.shape, *axes.entries])


def _columns(function: Function, x: Tensor, *, axes: Axes) -> Tensor:
    """Return how the value changes along every entry of the variable, [entries, *value]."""

    def along(axis: Tensor) -> Tensor:
        return _change(function, x, along=axis)

    return torch.func.vmap(along, chunk_size=CHUNK)(_axes(x, axes))


def _axes(x: Tensor, axes: Axes) -> Tensor:
    """Return a direction for each entry of the variable, the same for every sample."""
    ones = torch.eye(prod(axes.entries), dtype=x.dtype, device=x.device)
    batch = [1] if axes.variable_of_sample else []
    return ones.reshape([-1, *batch, *axes.entries]).expand([-1, *x.shape])


def _change(function: Function, x: Tensor, *, along: Tensor) -> Tensor:
    return cast("Tensor", torch.func.jvp(function, (x.contiguous(),), (along,))[1])


def _bend(function: Function, x: Tensor, *, axes: Axes) -> Tensor:
    """Add up the curvatures along all entries."""
    single = axes.variable_of_sample and not axes.plates

    def along(axis: Tensor) -> Tensor:
        if not single:
            return _change(lambda u: _change(function, u, along=axis), x, along=axis)
        slope = cast("Any", torch.func.grad(lambda u: function(u).sum()))
        return (_change(slope, x, along=axis) * axis).flatten(1).sum(1)

    return torch.func.vmap(along, chunk_size=CHUNK)(_axes(x, axes)).sum(0)


def _size(function: Function, x: Tensor, *, axes: Axes) -> Tensor:
    """Square and add up the Jacobian from its shorter side."""
    outputs = prod((*axes.plates, *axes.inside))
    if axes.variable_of_sample and axes.value_of_sample and outputs < prod(axes.entries):
        squares = _rows(function, x, axes=axes).square()
        return squares.flatten(1 + len(axes.plates)).sum(-1)
    squares = _columns(function, x, axes=axes).square().sum(0)
    lead = squares.dim() - len(axes.inside)
    return squares.flatten(lead).sum(-1) if axes.inside else squares
