"""Choose how each group of latents disappears, by asking every method what it can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.concepts.base import default, words
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Problem, Refuse
from ebmdsl.expr.prove import prove
from ebmdsl.plan.mistakes import UnsuitableSolver
from ebmdsl.plan.plan import Eliminate, Rejected
from ebmdsl.plan.structure import Structure, structure

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.expr.node import Node
    from ebmdsl.source.diagnostic import Diagnostics

TOO_MANY_STATES = 2**20


@final
@record
class Choice:
    """The cheapest method that takes a problem, and why the others were not chosen."""

    solver: Solver
    accept: Accept
    rejected: tuple[Rejected, ...]


def choose(problem: Problem) -> Choice | tuple[Rejected, ...]:
    """Ask every solver of the catalogue; return the choice, or every refusal."""
    verdicts = [(solver, solver.accepts(problem)) for solver in _solvers()]
    accepted = [(s, v) for s, v in verdicts if isinstance(v, Accept)]
    refused = [Rejected(s.word, v.reason, v.span) for s, v in verdicts if isinstance(v, Refuse)]
    if not accepted:
        return tuple(refused)
    solver, best = min(accepted, key=lambda pair: pair[1].cost)
    slower = [
        Rejected(s.word, _slower(v.cost / best.cost)) for s, v in accepted if s is not solver
    ]
    return Choice(solver, best, (*slower, *refused))


def _solvers() -> tuple[Solver, ...]:
    return tuple(default(Solver, word) for word in words(Solver))


def _slower(ratio: float) -> str:
    if ratio < _TIE:
        return "it would work as well, at about the same cost"
    return f"it would work, at about {ratio:.2g} times the cost"


_TIE = 1.05


def eliminate(
    model: Model, infer: Infer, *, energy: Node, found: Diagnostics
) -> Eliminate | None:
    """Plan one `infer`; None when no method can be had, which is reported."""
    whole = energy if infer.terms is None else infer.terms
    match infer.ring:
        case "minimize":
            return _minimize(
                infer, whole, split=structure(model, infer.names, energy=whole), found=found
            )
        case "marginalize":
            return _marginalize(model, infer, energy=whole)
        case "encode":
            return _encode(infer, whole)
        case "sample":
            return _sample(model, infer, energy=whole)


def _minimize(
    infer: Infer, energy: Node, *, split: Structure, found: Diagnostics
) -> Eliminate | None:
    choice = choose(split.problem)
    if infer.solver is not None:
        choice = _told(infer, infer.solver, problem=split.problem, choice=choice, found=found)
    if choice is None:
        return None
    if not isinstance(choice, Choice):
        return _open(infer, energy, split=split, rejected=choice)
    exact = infer.terms is None
    return Eliminate(
        infer.names,
        "minimize",
        choice.solver.word,
        energy,
        exact,
        choice.accept.reason,
        choice.accept.certificate,
        problem=split.problem,
        solver=choice.solver,
        smooth=split.smooth,
        rough=split.rough,
        gradient=infer.gradient or ("envelope" if exact else "constant"),
        start=infer.start,
        told=infer.solver is not None,
        rejected=choice.rejected,
        span=infer.span,
    )


def _told(
    infer: Infer,
    solver: Solver,
    *,
    problem: Problem,
    choice: Choice | tuple[Rejected, ...],
    found: Diagnostics,
) -> Choice | None:
    verdict = solver.accepts(problem)
    if solver.word == "exhaustive" and (problem.states or 0) > TOO_MANY_STATES:
        return None  # the lint about states has said it
    if isinstance(verdict, Refuse):
        instead = choice.solver.word if isinstance(choice, Choice) else ""
        found.report(
            UnsuitableSolver(infer.method, solver.word, verdict.reason, verdict.span, instead)
        )
        return None
    if isinstance(choice, Choice) and choice.solver.word != solver.word:
        other = Rejected(choice.solver.word, "the planner would choose it; the file says not")
        return Choice(solver, verdict, (other,))
    return Choice(solver, verdict, ())


def _open(
    infer: Infer, energy: Node, *, split: Structure, rejected: tuple[Rejected, ...]
) -> Eliminate:
    """Return a minimization that no method of the catalogue takes, with every reason."""
    return Eliminate(
        infer.names,
        "minimize",
        "",
        energy,
        infer.terms is None,
        "no method takes what was found",
        "none",
        problem=split.problem,
        smooth=split.smooth,
        rough=split.rough,
        gradient=infer.gradient or "constant",
        start=infer.start,
        rejected=rejected,
        span=infer.method,
    )


def _sample(model: Model, infer: Infer, *, energy: Node) -> Eliminate:
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


def _marginalize(model: Model, infer: Infer, *, energy: Node) -> Eliminate:
    problem = structure(model, infer.names, energy=energy).problem
    affine = prove(energy, frozenset(infer.names)).affine
    method, reason = _summation(problem, affine=affine)
    if infer.posterior:
        method, reason = "variational", f"E and log q are averaged over `{infer.posterior}`"
    return Eliminate(
        infer.names,
        "marginalize",
        method,
        energy,
        not infer.posterior,
        reason,
        "none: an upper bound on F" if infer.posterior else "exact" if method else "none",
        problem=problem,
        smooth=energy,
        gradient="live" if infer.posterior else "exact",
        beta=infer.beta,
        start=_posterior(model, infer.posterior),
        told=bool(infer.posterior),
        span=infer.span if method else infer.method,
    )


def _posterior(model: Model, name: str) -> Node | None:
    return next((block.node for block in model.blocks if block.name == name), None)


def _summation(problem: Problem, *, affine: bool) -> tuple[str, str]:
    """Return how a sum over states is computed and why, or no method and the reason."""
    if problem.states is None:
        return "", f"{problem.name} is continuous: integrals are not there yet"
    if affine and problem.domain in ("binary", "spin"):
        reason = f"the energy is linear in {problem.name}: its entries are independent"
        return "independent_units", reason
    if problem.states <= TOO_MANY_STATES:
        return "exhaustive_sum", f"{problem.states} states are few enough to add up"
    return "", f"{problem.name} has {_count(problem.states)} states and they interact"


def _count(states: int) -> str:
    return str(states) if states < 1e9 else f"about 10^{len(str(states)) - 1}"


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
