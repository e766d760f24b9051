"""Plan `infer z by marginalize`: a sum, an integral, or a bound on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.concepts.base import default, words
from ebmdsl.concepts.marginals import Marginalizer
from ebmdsl.concepts.problem import Accept, Problem, Refuse
from ebmdsl.expr.prove import prove
from ebmdsl.plan.mistakes import UnsuitableSolver
from ebmdsl.plan.plan import Eliminate, Rejected
from ebmdsl.plan.structure import Structure, structure
from ebmdsl.plan.variational import variational

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.concepts.problem import Verdict
    from ebmdsl.expr.node import Node
    from ebmdsl.source.diagnostic import Diagnostics


@final
@record
class Summing:
    """A way to sum or integrate that takes a problem, and why the others were not chosen."""

    method: Marginalizer
    accept: Accept
    rejected: tuple[Rejected, ...]


def marginalize(
    model: Model, infer: Infer, *, energy: Node, found: Diagnostics
) -> Eliminate | None:
    """Plan a sum or an integral; None when the method that the file names cannot take it.

    The step is open when no method takes it.
    """
    if infer.posterior:
        return variational(model, infer, energy=energy, found=found)
    split = _whole(structure(model, infer.names, energy=energy), infer.names, energy=energy)
    choice = choose_sum(split.problem)
    if infer.marginalizer is not None:
        choice = _told(infer, infer.marginalizer, problem=split.problem, choice=choice)
    if isinstance(choice, UnsuitableSolver):
        found.report(choice)
        return None
    taken = choice if isinstance(choice, Summing) else None
    return Eliminate(
        infer.names,
        "marginalize",
        taken.method.word if taken is not None else "",
        energy,
        taken is None or taken.method.trusted,
        taken.accept.reason if taken is not None else _why(split.problem),
        taken.accept.certificate if taken is not None else "none",
        problem=split.problem,
        marginalizer=taken.method if taken is not None else None,
        smooth=split.smooth,
        rough=split.rough,
        gradient="exact",
        beta=infer.beta,
        annealed=infer.annealed,
        start=infer.start,
        told=infer.marginalizer is not None,
        rejected=choice.rejected if isinstance(choice, Summing) else choice,
        span=infer.span if taken is not None else infer.method,
    )


def _whole(split: Structure, names: tuple[str, ...], *, energy: Node) -> Structure:
    """Take terms that no prox is known for as they are: a sum needs their values only."""
    if split.problem.obstacle is None:
        return split
    facts = prove(energy, frozenset(names))
    return Structure(replace(split.problem, smooth=facts), energy, ())


def choose_sum(problem: Problem) -> Summing | tuple[Rejected, ...]:
    """Ask every method: exact ones first, then bounds and estimates; the cheapest of a kind.

    Returns every refusal where none takes the problem.
    """
    asked = [(each, each.accepts(problem)) for each in _marginalizers()]
    accepted = [(m, v) for m, v in asked if isinstance(v, Accept)]
    refused = _refusals(asked)
    if not accepted:
        return refused
    method, best = min(accepted, key=lambda pair: (_grade(pair[0]), pair[1].cost))
    others = [
        Rejected(m.word, _instead(m, v, best=best, chosen=method))
        for m, v in accepted
        if m is not method
    ]
    return Summing(method, best, (*others, *refused))


def _marginalizers() -> tuple[Marginalizer, ...]:
    return tuple(default(Marginalizer, word) for word in words(Marginalizer))


def _refusals(asked: list[tuple[Marginalizer, Verdict]]) -> tuple[Rejected, ...]:
    return tuple(Rejected(m.word, v.reason, v.span) for m, v in asked if isinstance(v, Refuse))


def _grade(method: Marginalizer) -> int:
    """Return how much a method is trusted, the most first."""
    return 0 if method.exact else 1 if method.converges else 2


def _instead(
    method: Marginalizer, verdict: Accept, *, best: Accept, chosen: Marginalizer
) -> str:
    """Say why a method that would work was not chosen."""
    if _grade(method) > _grade(chosen):
        return f"it would give {_what(method)}, and `{chosen.word}` is exact"
    ratio = verdict.cost / best.cost
    if ratio < _TIE:
        return "it would work as well, at about the same cost"
    return f"it would work, at about {ratio:.2g} times the cost"


_TIE = 1.05


def _what(method: Marginalizer) -> str:
    """Say what a method that is not exact returns."""
    if method.converges:
        return "nearly the same"
    return "a bound" if method.bound else "an estimate"


def _told(
    infer: Infer,
    method: Marginalizer,
    *,
    problem: Problem,
    choice: Summing | tuple[Rejected, ...],
) -> Summing | UnsuitableSolver:
    """Return the method that the file names, or that it does not take the problem."""
    verdict = method.accepts(problem)
    instead = choice.method.word if isinstance(choice, Summing) else ""
    if isinstance(verdict, Refuse):
        return UnsuitableSolver(
            infer.method, method.word, verdict.reason, verdict.span, instead, ring=infer.ring
        )
    if not instead or instead == method.word:
        return Summing(method, verdict, ())
    other = Rejected(instead, "the planner would choose it; the file says not")
    return Summing(method, verdict, (other,))


def _why(problem: Problem) -> str:
    if problem.states is None:
        return f"nothing integrates over {problem.name}"
    return f"{problem.name} has {_count(problem.states)} states and they interact"


def _count(states: int) -> str:
    return str(states) if states < 1e9 else f"about 10^{len(str(states)) - 1}"
