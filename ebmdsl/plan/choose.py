"""Choose a method by asking every word of the catalogue what it can take."""

from __future__ import annotations

from typing import final

from ebmdsl._record import record
from ebmdsl.concepts.base import default, words
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.problem import Accept, Course, Problem, Refuse
from ebmdsl.plan.plan import Rejected

TOO_MANY_STATES = 2**20
PLAIN = ("ista", "gradient_descent")


@final
@record
class Choice:
    """The cheapest method that takes a problem, and why the others were not chosen."""

    solver: Solver
    accept: Accept
    rejected: tuple[Rejected, ...]
    safer: Solver | None = None


def choose(problem: Problem) -> Choice | tuple[Rejected, ...]:
    """Ask every solver of the catalogue; return the choice, or every refusal."""
    verdicts = [(solver, solver.accepts(problem)) for solver in _solvers()]
    accepted = [(s, v) for s, v in verdicts if isinstance(v, Accept)]
    refused = [Rejected(s.word, v.reason, v.span) for s, v in verdicts if isinstance(v, Refuse)]
    if not accepted:
        return tuple(refused)
    solver, best = min(accepted, key=lambda pair: (pair[1].local, pair[1].cost))
    slower = [Rejected(s.word, _worse(v, best)) for s, v in accepted if s is not solver]
    return Choice(solver, best, (*slower, *refused), _safer(solver, [s for s, _ in accepted]))


def _safer(chosen: Solver, accepted: list[Solver]) -> Solver | None:
    """Return what goes on where the chosen method ends without a number: plain descent."""
    if chosen.word in PLAIN or chosen.budget.course is not Course.CERTIFIED:
        return None
    return next((solver for solver in accepted if solver.word in PLAIN), None)


def _solvers() -> tuple[Solver, ...]:
    return tuple(default(Solver, word) for word in words(Solver))


def _worse(other: Accept, best: Accept) -> str:
    ratio = other.cost / best.cost
    if other.local and not best.local:
        return "it would work, but its answer may be no minimum"
    if ratio < _TIE:
        return "it would work as well, at about the same cost"
    return f"it would work, at about {ratio:.2g} times the cost"


_TIE = 1.05
