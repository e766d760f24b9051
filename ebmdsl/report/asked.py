"""The pictures that a file asks for by name: values laid out as tiles, points in a plane."""

from __future__ import annotations

import re
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np
import torch

from ebmdsl.lower.points import named
from ebmdsl.report.filters import filter_grid
from ebmdsl.report.scatter import scatter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy import float64
    from numpy.typing import NDArray

    from ebmdsl.expr.node import Node
    from ebmdsl.report.gallery import Exhibit

SHOWN = {"tile": 64, "scatter": 1000}
SMALLEST = 4


def asked(exhibit: Exhibit) -> Iterator[Path]:
    """Draw what `plot tile(…)` and `plot scatter(…)` name, where its shape can be drawn."""
    for plot in exhibit.model.plots:
        named_ones = zip(plot.arguments, plot.nodes, strict=True)
        drawn = (_drawn(exhibit, plot.word, text=text, node=node) for text, node in named_ones)
        yield from (path for path in drawn if path is not None)


def _drawn(exhibit: Exhibit, word: str, *, text: str, node: Node | None) -> Path | None:
    """Draw one argument of a plot; None where its shape is none of a picture."""
    if word not in SHOWN:
        return None
    path = exhibit.folder / f"{word}-{_slug(text)}.png"
    title = f"{exhibit.model.name}: {text}"
    found = (
        _weights(exhibit, text) if node is None else _values(exhibit, node, most=SHOWN[word])
    )
    if found is None or word == "scatter":
        flat = None if found is None else found.reshape(len(found), -1)
        return None if flat is None else scatter(flat, path, title=title)
    tiles = pictures(found)
    return (
        None
        if tiles is None
        else filter_grid(tiles.reshape(len(tiles), -1).T, path, title=title)
    )


def _values(exhibit: Exhibit, node: Node, *, most: int) -> NDArray[float64] | None:
    """Return a value for some samples, [n, ...]; parameters have pictures of their own."""
    if not node.per_sample:
        return None
    values = exhibit.some(slice(most))
    result = exhibit.module.solve(values)
    with torch.no_grad():
        found = exhibit.module.evaluate(node, {**values, **named(result)})
    return found.detach().cpu().double().numpy().astype(np.float64, copy=False)


def _weights(exhibit: Exhibit, net: str) -> NDArray[float64] | None:
    """Return the kernels of a net's first layer that has pictures for weights."""
    own = (
        weight.detach().cpu().double().numpy().astype(np.float64, copy=False)
        for name, weight in exhibit.module.named_parameters()
        if name.startswith(f"{net}.") and weight.dim() > 1
    )
    kernels = (x.reshape(-1, *x.shape[-2:]) if x.ndim > 2 else x for x in own)
    return next((x for x in kernels if pictures(x) is not None), None)


def pictures(x: NDArray[float64]) -> NDArray[float64] | None:
    """Return values [n, ...] as square gray pictures [n, side, side]; None where they are none.

    Channels, and frames of a sequence, are laid out as pictures of their own; three channels
    are one picture, their mean.
    """
    if x.ndim == 2:
        side = isqrt(x.shape[1])
        square = side * side == x.shape[1] and side >= SMALLEST
        return x.reshape(-1, side, side) if square else None
    if x.ndim < 3 or x.shape[-1] != x.shape[-2] or x.shape[-1] < SMALLEST:
        return None
    if x.ndim > 3 and x.shape[-3] == 3:
        x = x.mean(-3)
    return x.reshape(-1, *x.shape[-2:])


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text).strip("-")
