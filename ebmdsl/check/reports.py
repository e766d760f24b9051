"""What only a report may say: numbers over a split, certificates of an inference."""

from __future__ import annotations

from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Quantity, make

OVER_SPLIT = ("sum", "mean", "std", "min", "max", "median", "logsumexp")
CERTIFICATES = ("gap", "residual", "steps")


def over_split(word: str, node: Node, *, each: bool = False) -> Node:
    """Return one number over the whole split, or one for `each` entry of a sample."""
    shape = node.shape if each else ()
    return make(Op.SPLIT, (node,), data=(word, each), shape=shape)


def certificate(word: str, latent: str) -> Node:
    """Return a certificate of how a latent was found, one number per sample."""
    return variable(Quantity(f"{word}({latent})", "certificate"), ())
