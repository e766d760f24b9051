"""Plan `infer z by marginalize`: a sum, an integral, or a bound on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.concepts.base import default, words
from ebmdsl.concepts.marginals import Marginalizer
from ebmdsl.concepts.problem import Accept, Problem, Refuse
from ebmdsl.plan.plan import Eliminate, Rejected
from ebmdsl.plan.structure import structure

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.expr.node import Node


def marginalize(model: Model, infer: Infer, *, energy: Node) -> Eliminate:
    """Plan a sum or an integral; the step is open when no method takes it."""
    split = structure(model, infer.names, energy=energy)
    if infer.posterior:
        return _variational(model, infer, energy=energy)
    verdicts = [(each, each.accepts(split.problem)) for each in _marginalizers()]
    accepted = [(m, v) for m, v in verdicts if isinstance(v, Accept)]
    refused = [Rejected(m.word, v.reason, v.span) for m, v in verdicts if isinstance(v, Refuse)]
    method, best = min(accepted, key=lambda pair: pair[1].cost, default=(None, None))
    return Eliminate(
        infer.names,
        "marginalize",
        method.word if method is not None else "",
        energy,
        True,
        best.reason if best is not None else _why(split.problem),
        best.certificate if best is not None else "none",
        problem=split.problem,
        marginalizer=method,
        smooth=split.smooth,
        rough=split.rough,
        gradient="exact",
        beta=infer.beta,
        rejected=tuple(refused),
        span=infer.span if method is not None else infer.method,
    )


def _marginalizers() -> tuple[Marginalizer, ...]:
    return tuple(default(Marginalizer, word) for word in words(Marginalizer))


def _why(problem: Problem) -> str:
    if problem.states is None:
        return f"{problem.name} is continuous: integrals are not there yet"
    return f"{problem.name} has {_count(problem.states)} states and they interact"


def _count(states: int) -> str:
    return str(states) if states < 1e9 else f"about 10^{len(str(states)) - 1}"


def _variational(model: Model, infer: Infer, *, energy: Node) -> Eliminate:
    return Eliminate(
        infer.names,
        "marginalize",
        "variational",
        energy,
        False,
        f"E and log q are averaged over `{infer.posterior}`",
        "none: an upper bound on F",
        problem=structure(model, infer.names, energy=energy).problem,
        smooth=energy,
        gradient="live",
        beta=infer.beta,
        start=_posterior(model, infer.posterior),
        told=True,
        span=infer.span,
    )


def _posterior(model: Model, name: str) -> Node | None:
    return next((block.node for block in model.blocks if block.name == name), None)
