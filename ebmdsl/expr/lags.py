"""How far an index reaches: which places of a plate a value reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.concepts.facts import Lag

if TYPE_CHECKING:
    from ebmdsl.expr.node import Node

Lags = frozenset[Lag]


def sliced(lags: Lags, node: Node) -> Lags:
    """Return what is read of a sequence that `node` takes a slice or one place of."""
    kind: str
    position: int
    first: int
    kind, position, first = node.data
    plate = node.args[0].plates[position]
    if kind == "entry":
        here = Lag(plate.index, plate.low + first, fixed=True)
    else:
        index = node.plates[position]
        here = Lag(index.index, plate.low + first - index.low)
    return frozenset(_moved(lag, here) if lag.plate == plate.index else lag for lag in lags)


def _moved(lag: Lag, by: Lag) -> Lag:
    if lag.fixed or lag.offset is None or by.offset is None:
        return lag
    return Lag(by.plate, lag.offset + by.offset, fixed=by.fixed)


def in_full(lags: Lags, node: Node) -> Lags:
    """Return what is read where plates are one sequence again."""
    held = {*node.data}
    return frozenset(Lag(lag.plate, None) if lag.plate in held else lag for lag in lags)


def one_place(lags: Lags) -> bool:
    """Tell whether every sequence is read at one place only, so that places stay apart."""
    loose = any(lag.fixed or lag.offset is None for lag in lags)
    return bool(lags) and not loose and len({lag.plate for lag in lags}) == len(lags)
