"""Plan F where nodes are replaced: what inference finds there, in a program of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.expand.opened import opened
from ebmdsl.expr.node import Node, Op, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Model


def openings(model: Model) -> tuple[tuple[frozenset[str], Model], ...]:
    """Return the model where nodes are replaced, for each set of them that is asked for."""
    blocks = {block.name for block in model.blocks}
    asked = dict.fromkeys(
        frozenset(blocks.intersection(each.data))
        for node in _asking(model)
        for each in walk(node)
        if each.op is Op.POINT
    )
    found = ((names, opened(model, names)) for names in asked if names)
    return tuple((names, each) for names, each in found if each is not None)


def _asking(model: Model) -> Iterator[Node]:
    """Yield the expressions that may ask for F elsewhere."""
    yield from (each.objective for each in model.trains if each.objective is not None)
    yield from (each.node for each in (*model.terms, *model.reports, *model.expects))
    starts = (each.drawn.start for each in model.declared if each.drawn is not None)
    yield from (start for start in starts if start is not None)
