"""Plan `marginalize with variational(q)`: what is averaged exactly, and what over draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.concepts.facts import Block, Smoothness
from ebmdsl.expr.build import add, addends, const
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula
from ebmdsl.plan.mistakes import UnsuitableSolver
from ebmdsl.plan.plan import Eliminate
from ebmdsl.plan.structure import structure

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.concepts.problem import Problem
    from ebmdsl.expr.node import Node
    from ebmdsl.source.diagnostic import Diagnostics

WIDEST = 512
QUADRATIC = 2
GAUSSIAN = "normal"


@final
@record
class Averages:
    """An energy in two parts: the one whose mean over q is known, and the rest."""

    known: Node
    drawn: Node | None


def variational(
    model: Model, infer: Infer, *, energy: Node, found: Diagnostics
) -> Eliminate | None:
    """Plan a bound by a posterior that the file declares; None where q cannot give one."""
    problem = structure(model, infer.names, energy=energy).problem
    posterior = next(b.node for b in model.blocks if b.name == infer.posterior)
    reason = _refusal(problem, posterior, name=infer.posterior)
    if reason:
        found.report(UnsuitableSolver(infer.method, "variational", reason, ring=infer.ring))
        return None
    parts = averages(model, infer.names, energy=energy, law=posterior.data.word)
    return Eliminate(
        infer.names,
        "marginalize",
        "variational",
        energy,
        False,
        _reason(infer, parts, law=posterior.data.word),
        "none: an upper bound on F" if parts.drawn is None else "none: an estimate of a bound",
        problem=problem,
        smooth=parts.known,
        sampled=parts.drawn,
        gradient="live",
        beta=infer.beta,
        annealed=infer.annealed,
        start=posterior,
        told=True,
        span=infer.span,
    )


def _refusal(problem: Problem, posterior: Node, *, name: str) -> str:
    if problem.domain != "real":
        return f"{problem.name} is {problem.domain}, and draws of `{name}` are real numbers"
    if posterior.data.law.moved.smoothness is Smoothness.STEP:
        return f"a draw of `{posterior.data.word}` does not move smoothly with its options"
    return ""


def averages(model: Model, names: tuple[str, ...], *, energy: Node, law: str) -> Averages:
    """Split an energy by addend: under a Gaussian q the mean of a quadratic is known.

    Its curvature must have no mixed derivatives, or be one matrix for all samples.
    """
    known = [each for each in addends(energy) if _has_mean(each, names=names, law=law)]
    mixed = [each for each in known if not _is_separate(each, names)]
    if mixed:
        size = structure(model, names, energy=energy).problem.size
        known = [each for each in known if _is_shared(model, each, names=names, size=size)]
    drawn = [each for each in addends(energy) if each not in known]
    return Averages(_sum(known), _sum(drawn) if drawn else None)


def _has_mean(node: Node, *, names: tuple[str, ...], law: str) -> bool:
    facts = prove(node, frozenset(names))
    quadratic = facts.degree is not None and facts.degree <= QUADRATIC
    return facts.constant or (law == GAUSSIAN and quadratic)


def _is_separate(node: Node, names: tuple[str, ...]) -> bool:
    facts = prove(node, frozenset(names))
    return facts.affine or facts.block <= Block.SEPARABLE


def _is_shared(model: Model, node: Node, *, names: tuple[str, ...], size: int) -> bool:
    facts = prove(node, frozenset(names))
    same = facts.leading <= frozenset(model.parameters) and size <= WIDEST
    return facts.affine or same


def _sum(nodes: list[Node]) -> Node:
    return add(*nodes) if nodes else const(0)


def _reason(infer: Infer, parts: Averages, *, law: str) -> str:
    entropy = "log q is known" if law == GAUSSIAN else "log q is averaged over draws"
    if parts.drawn is None:
        return f"the mean of E over `{infer.posterior}` is known, and {entropy}"
    drawn = formula(parts.drawn)
    return f"{entropy}; `{drawn}` is averaged over reparametrized draws of `{infer.posterior}`"
