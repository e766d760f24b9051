"""Neighbors of samples: one entry exchanged for another value, and which of them are data."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import torch

from ebmdsl.check.plates import opened

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.check.model import Declared, Drawn
    from ebmdsl.expr.node import Node, Plate

CODES = 20261124


def turned(declared: Declared, drawn: Drawn, *, y: Tensor) -> Tensor:
    """Return the neighbors of samples [n, *event], [n, *plates of the point, *event].

    `flip(y, i)` turns entry i over, `flip(y, i, v)` moves it on by v values of its alphabet.
    """
    assert drawn.start is not None
    options = dict(drawn.options)
    entry, *by = options["indices"]
    plates = {plate.index: at for at, plate in enumerate(declared.plates)}
    domain = declared.quantity.domain.name
    wide = y.reshape([len(y), -1, y.shape[-1] if domain == "onehot" else 1])
    own = declared.plates[: len(declared.plates) - _inner(drawn.start)]
    sizes = [plate.size for plate in own]
    places = _along(own, plates[entry]) - first_entry(drawn.start)
    moved = wide[:, None].expand(-1, places.numel(), -1, -1).clone()
    steps = _along(own, plates[by[0]]) if by else torch.ones_like(places)
    rows = torch.arange(places.numel())
    old = moved[:, rows, places.reshape(-1)]
    ends = _ends(options, domain)
    new = _next(old, steps.reshape(-1), declared=declared, ends=ends)
    moved[:, rows, places.reshape(-1)] = new
    return moved.reshape([len(y), *sizes, *y.shape[1:]])


def _inner(start: Node) -> int:
    """Count the plates of what is turned over."""
    return len(opened(start)[1])


def _along(own: tuple[Plate, ...], at: int) -> Tensor:
    """Return the values of one index at every place of all plates."""
    values = torch.arange(own[at].low, own[at].low + own[at].size)
    shape = [1] * len(own)
    shape[at] = own[at].size
    return values.reshape(shape).expand([plate.size for plate in own])


def first_entry(node: Node) -> int:
    """Return the number of the first entry: that of its index, else 0."""
    inner, plates = opened(node)
    return plates[0].low if len(plates) == 1 and not inner.shape else 0


def _ends(options: dict[str, object], domain: str) -> float:
    """Return what the two values of an entry add up to."""
    low = options.get("low", -1.0 if domain == "spin" else 0.0)
    return float(str(low)) + float(str(options.get("high", 1.0)))


def _next(old: Tensor, steps: Tensor, *, declared: Declared, ends: float) -> Tensor:
    """Return other values of entries, [n, places, width], `steps` values on."""
    match declared.quantity.domain.name:
        case "onehot":
            count = old.shape[-1]
            return torch.nn.functional.one_hot((old.argmax(-1) + steps) % count, count).to(
                old.dtype
            )
        case "token":
            return (old + steps.unsqueeze(-1)) % declared.quantity.domain.size
        case _:
            return ends - old


@final
class Neighbors:
    """The samples of a data set, to tell whether a neighbor is one of them.

    Samples are known by 64-bit sums of random numbers, one for each value of each entry: two
    different samples have the same sum with a probability of about 1e-19.
    """

    def __init__(self, data: Tensor) -> None:
        self._codes = data.flatten(1).shape[1]
        self._known = _sums(data.flatten(1)).unique()

    def without(self, points: Tensor, y: Tensor) -> Tensor:
        """Put the sample itself in the place of each neighbor that is data."""
        event = y.dim() - 1
        flat = points.reshape(-1, self._codes)
        sums = _sums(flat)
        at = torch.searchsorted(self._known, sums).clamp(max=len(self._known) - 1)
        known = (self._known[at] == sums).reshape(points.shape[: points.dim() - event])
        own = y.reshape([len(y), *[1] * (points.dim() - event - 1), *y.shape[1:]])
        return torch.where(known.reshape([*known.shape, *[1] * event]), own, points)


def _sums(rows: Tensor) -> Tensor:
    """Return a 64-bit number for every row of whole numbers; it wraps around."""
    rng = torch.Generator().manual_seed(CODES)
    codes = torch.randint(-(2**62), 2**62, (rows.shape[1],), generator=rng)
    return (rows.round().long() * codes).sum(1)
