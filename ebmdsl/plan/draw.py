"""Plan `infer z by sample`: an exact draw, or the kernel of a Markov chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.plan.plan import Eliminate
from ebmdsl.plan.structure import structure

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.expr.node import Node


def draw(model: Model, infer: Infer, *, energy: Node) -> Eliminate:
    """Plan a draw: by the kernel that the file names, or by one that is still to be found."""
    sampler = infer.sampler
    return Eliminate(
        infer.names,
        "sample",
        sampler.word if sampler is not None else "",
        energy,
        True,
        "as the file says" if sampler is not None else "no kernel has been chosen",
        "none: a draw proves nothing; only the gradient of F is known",
        problem=structure(model, infer.names, energy=energy).problem,
        gradient="constant",
        told=sampler is not None,
        span=infer.method,
    )
