"""Plan `infer z by sample`: an exact draw, or the kernel of a Markov chain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, final

from ebmdsl._record import record
from ebmdsl.concepts.base import default, words
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.marginals import Marginalizer
from ebmdsl.concepts.problem import Accept, Problem, Refuse
from ebmdsl.concepts.sampling import Adaptive
from ebmdsl.expr.prove import prove
from ebmdsl.plan.couplings import couplings
from ebmdsl.plan.mistakes import UnsuitableSampler
from ebmdsl.plan.plan import Eliminate, Rejected
from ebmdsl.plan.structure import structure

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.structure import Structure
    from ebmdsl.source.diagnostic import Diagnostics


@final
@record
class Drawer:
    """What draws from a law, and why the others do not: an exact method, or a kernel."""

    accept: Accept
    marginalizer: Marginalizer | None = None
    sampler: Sampler | None = None
    rejected: tuple[Rejected, ...] = ()

    @property
    def word(self) -> str:
        """Return the name of the method."""
        method = self.marginalizer or self.sampler
        assert method is not None
        return method.word


def draw(model: Model, infer: Infer, *, energy: Node, found: Diagnostics) -> Eliminate | None:
    """Plan a draw; None when the kernel that the file names cannot take the energy."""
    split = drawable(model, infer.names, energy=energy)
    drawer: Drawer | tuple[Rejected, ...] | None = drawer_of(split.problem, beta=infer.beta)
    if infer.sampler is not None:
        drawer = _told(infer, infer.sampler, problem=split.problem, drawer=drawer, found=found)
    if drawer is None:
        return None
    chosen = drawer if isinstance(drawer, Drawer) else None
    return Eliminate(
        infer.names,
        "sample",
        chosen.word if chosen is not None else "",
        energy,
        True,
        chosen.accept.reason if chosen is not None else "no method draws what was found",
        _certificate(chosen),
        problem=split.problem,
        marginalizer=chosen.marginalizer if chosen is not None else None,
        sampler=chosen.sampler if chosen is not None else None,
        smooth=split.smooth,
        rough=split.rough,
        gradient="constant",
        beta=infer.beta,
        annealed=infer.annealed,
        start=infer.start,
        told=infer.sampler is not None,
        rejected=chosen.rejected if chosen is not None else _refusals(drawer),
        span=infer.span if chosen is not None else infer.method,
    )


def drawable(model: Model, names: tuple[str, ...], *, energy: Node) -> Structure:
    """Return the structure of an energy that is drawn from: every term of it counts.

    Terms without a known prox stay in the smooth part, which is then not smooth; for
    discrete variables it is found which of their entries meet.
    """
    split = structure(model, names, energy=energy)
    if split.problem.discrete:
        meeting = couplings(model, names, value=energy)
        split = replace(split, problem=replace(split.problem, couplings=meeting))
    if split.problem.obstacle is None:
        return split
    facts = prove(energy, frozenset(names))
    problem = replace(split.problem, smooth=facts, shared=False)
    return replace(split, problem=problem, smooth=energy, rough=())


def drawer_of(problem: Problem, *, beta: float = 1.0) -> Drawer | tuple[Rejected, ...]:
    """Choose who draws from exp(-beta E): an exact method, else the cheapest exact kernel.

    Returns every refusal where nobody takes the problem.
    """
    asked: list[Any] = [default(Marginalizer, word) for word in words(Marginalizer)]
    asked = [each for each in asked if each.draws]
    asked += [_suited(default(Sampler, word), problem) for word in words(Sampler)]
    verdicts = [(each, each.accepts(problem)) for each in asked]
    refused = [Rejected(m.word, v.reason, v.span) for m, v in verdicts if isinstance(v, Refuse)]
    accepted = [(m, v) for m, v in verdicts if isinstance(v, Accept)]
    if not accepted:
        return tuple(refused)
    method, best = min(accepted, key=_rank)
    others = [
        Rejected(m.word, _inferior((m, v), (method, best)))
        for m, v in accepted
        if m is not method
    ]
    return _drawer(method, best, beta=beta, rejected=(*others, *refused))


def _drawer(
    method: Any, accept: Accept, *, beta: float, rejected: tuple[Rejected, ...] = ()
) -> Drawer:
    if isinstance(method, Marginalizer):
        return Drawer(accept, marginalizer=method, rejected=rejected)
    return Drawer(accept, sampler=heated(_within(method), beta), rejected=rejected)


def heated(sampler: Any, beta: float) -> Sampler:
    """Return a sampler of exp(-beta E / T), where T is its own temperature."""
    warm: Sampler = replace(sampler, temperature=sampler.temperature / beta)
    return sampler if beta == 1 else warm


def _within(sampler: Any) -> Sampler:
    """Return a sampler that stops to adapt halfway, so that its last points are of the law."""
    short: int = min(getattr(sampler, "warm", 0), sampler.steps // 2)
    adapts = getattr(sampler, "accept", None) is not None
    settled: Sampler = replace(sampler, warm=short) if adapts else sampler
    return settled


def _suited(sampler: Sampler, problem: Problem) -> Sampler:
    return sampler.planned(problem) if isinstance(sampler, Adaptive) else sampler


def _rank(pair: tuple[Any, Accept]) -> tuple[int, float]:
    """Order what draws: exact methods, kernels that find their own steps, others; by cost."""
    return _tier(*pair), pair[1].cost


def _tier(method: Any, accept: Accept) -> int:
    if isinstance(method, Marginalizer):
        return EXACT
    if accept.certificate.startswith("none"):
        return BIASED
    return ADAPTED if isinstance(method, Adaptive) else FIXED


EXACT, ADAPTED, FIXED, BIASED = range(4)
_WHY = {
    ADAPTED: "its points come near to the law only step by step",
    FIXED: "it takes the length of its steps from the file",
    BIASED: "it refuses nothing, so its law is off by what its rate makes of it",
}


def _inferior(pair: tuple[Any, Accept], best: tuple[Any, Accept]) -> str:
    """Say why one that would work was not chosen."""
    tier = _tier(*pair)
    if tier != _tier(*best):
        return f"it would work; {_WHY[tier]}"
    return f"it would work, at about {pair[1].cost / best[1].cost:.2g} times the cost"


def _told(
    infer: Infer,
    sampler: Sampler,
    *,
    problem: Problem,
    drawer: Drawer | tuple[Rejected, ...],
    found: Diagnostics,
) -> Drawer | None:
    verdict = sampler.accepts(problem)
    instead = drawer.word if isinstance(drawer, Drawer) else ""
    if isinstance(verdict, Refuse):
        found.report(
            UnsuitableSampler(infer.method, sampler.word, verdict.reason, verdict.span, instead)
        )
        return None
    rejected: tuple[Rejected, ...] = ()
    if instead and instead != sampler.word:
        rejected = (Rejected(instead, "the planner would choose it; the file says not"),)
    return _drawer(sampler, verdict, beta=infer.beta, rejected=rejected)


def _certificate(drawer: Drawer | None) -> str:
    if drawer is None:
        return "none"
    if drawer.marginalizer is not None:
        return "exact draws from the posterior"
    return drawer.accept.certificate


def _refusals(drawer: Drawer | tuple[Rejected, ...]) -> tuple[Rejected, ...]:
    return () if isinstance(drawer, Drawer) else drawer
