"""Plan `infer z by minimize`: a solver that takes the problem, or every reason against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.concepts.problem import Problem, Refuse
from ebmdsl.plan.choose import TOO_MANY_STATES, Choice, choose
from ebmdsl.plan.gradient import moves
from ebmdsl.plan.mistakes import UnsuitableSolver
from ebmdsl.plan.plan import Eliminate, Rejected
from ebmdsl.plan.structure import Structure, structure

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.concepts.kinds import Solver
    from ebmdsl.expr.node import Node
    from ebmdsl.source.diagnostic import Diagnostics


def minimize(
    model: Model, infer: Infer, *, energy: Node, found: Diagnostics
) -> Eliminate | None:
    """Plan a minimization; None when the method that the file names cannot take it."""
    split = structure(model, infer.names, energy=energy)
    choice = choose(split.problem)
    if infer.solver is not None:
        choice = told(infer, infer.solver, problem=split.problem, choice=choice, found=found)
    if choice is None:
        return None
    if isinstance(choice, Choice) and not moves(infer, split, choice=choice, found=found):
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
        safer=choice.safer,
        smooth=split.smooth,
        rough=split.rough,
        magnitude=split.magnitude,
        gradient=infer.gradient or ("envelope" if exact else "constant"),
        kept=infer.kept,
        start=infer.start,
        starts=infer.starts,
        told=infer.solver is not None,
        rejected=choice.rejected,
        span=infer.span,
    )


def told(
    infer: Infer,
    solver: Solver,
    *,
    problem: Problem,
    choice: Choice | tuple[Rejected, ...],
    found: Diagnostics,
) -> Choice | None:
    """Return the choice that the file makes; None, and a report, where it does not suit."""
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
        magnitude=split.magnitude,
        gradient=infer.gradient or "constant",
        start=infer.start,
        rejected=rejected,
        span=infer.method,
    )
