"""Plan how each group of latents disappears, ring by ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.plan.draw import draw
from ebmdsl.plan.marginalize import marginalize
from ebmdsl.plan.minimize import minimize
from ebmdsl.plan.plan import Eliminate

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.expr.node import Node
    from ebmdsl.source.diagnostic import Diagnostics


def eliminate(
    model: Model, infer: Infer, *, energy: Node, found: Diagnostics
) -> Eliminate | None:
    """Plan one `infer`; None when no method can be had, which is reported."""
    whole = energy if infer.terms is None else infer.terms
    match infer.ring:
        case "minimize":
            return minimize(model, infer, energy=whole, found=found)
        case "marginalize":
            return marginalize(model, infer, energy=energy, found=found)
        case "sample":
            return draw(model, infer, energy=energy, found=found)
        case "encode":
            return _encode(infer, whole)


def _encode(infer: Infer, energy: Node) -> Eliminate:
    return Eliminate(
        infer.names,
        "encode",
        "feed_forward",
        energy,
        False,
        "the encoder's answer is taken as it is",
        "none: an encoder proves nothing",
        gradient="live",
        start=infer.encoded,
        span=infer.span,
    )
