"""Values that all samples share: the same expression with latents held at one state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.expr.node import Node, Op, make, walk
from ebmdsl.expr.rebuild import substitute

if TYPE_CHECKING:
    from collections.abc import Collection


def unbatched(node: Node, names: Collection[str]) -> Node:
    """Return a value in which these variables have one value for all samples.

    What depends on them and on parameters only is then computed once, and not per sample.
    """
    found = {each.data.name: each for each in walk(node) if each.op is Op.VARIABLE}
    shared = {name: _constant(found[name]) for name in names if name in found}
    return substitute(node, shared)


def _constant(node: Node) -> Node:
    data = replace(node.data, role="constant")
    return make(Op.VARIABLE, (), data=data, shape=node.shape, plates=node.plates)
