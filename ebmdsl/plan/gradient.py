"""What a minimizer is in a loss: a constant, or a function of the parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.concepts.facts import Block, Smoothness
from ebmdsl.concepts.problem import Course, Refuse
from ebmdsl.plan.mistakes import UnsuitableGradient

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer
    from ebmdsl.concepts.kinds import Solver
    from ebmdsl.concepts.problem import Problem
    from ebmdsl.plan.choose import Choice
    from ebmdsl.plan.plan import Eliminate, RoughTerm
    from ebmdsl.plan.structure import Structure
    from ebmdsl.source.diagnostic import Diagnostics

MODES = ("implicit", "unroll", "one_step")
HELD = 2**26


def moves(infer: Infer, split: Structure, *, choice: Choice, found: Diagnostics) -> bool:
    """Tell whether an answer can move as the file asks; report why it cannot."""
    if infer.gradient not in MODES:
        return True
    solver, mode = choice.solver, infer.gradient
    refused = refusal_of_mode(mode, split.problem, solver=solver, rough=split.rough)
    if refused is not None:
        found.report(UnsuitableGradient(infer.method, mode, refused.reason, refused.span))
    return refused is None


def refusal_of_mode(
    mode: str, problem: Problem, *, solver: Solver, rough: tuple[RoughTerm, ...]
) -> Refuse | None:
    """Say why a minimizer cannot be differentiated in this way, if so."""
    if problem.discrete:
        return Refuse(f"{problem.name} takes finitely many values, and jumps between them")
    if problem.smooth.smoothness < Smoothness.C1:
        return Refuse(f"the energy is not proved differentiable in {problem.name}")
    if mode == "unroll":
        return _unrolling(solver)
    return _equation(problem, rough=rough, solved=mode == "implicit")


def _unrolling(solver: Solver) -> Refuse | None:
    if solver.budget.course is Course.EXACT:
        return Refuse(f"`{solver.word}` compares candidates, and takes no steps")
    return None


def _equation(problem: Problem, *, rough: tuple[RoughTerm, ...], solved: bool) -> Refuse | None:
    """Say why there is no fixed point of a proximal gradient step, or no solution of it."""
    if problem.obstacle is not None:
        term = problem.obstacle
        return Refuse(f"`{term.text}` has no known prox: {term.obstacle}", term.span)
    if problem.clash is not None:
        one, other = problem.clash
        reason = f"no prox is known for the sum of `{one.text}` and `{other.text}`"
        return Refuse(reason, other.span)
    apart = all(each.function.facts[0].block <= Block.SEPARABLE for each in rough)
    if not solved or (apart and problem.boxed) or problem.size**2 * problem.batch <= HELD:
        return None
    rows = f"{problem.size:,} x {problem.size:,}"
    return Refuse(f"entries of {problem.name} meet at kinks, and {rows} entries are too many")


def in_losses(step: Eliminate) -> str:
    """Say what the answer of a minimization is in a loss, and when that is exact."""
    names = ", ".join(f"`{name}`" for name in step.names)
    match step.gradient:
        case "implicit":
            how = "by the linear equation of the answer, whose residual is checked per sample"
        case "unroll":
            kept = f", of which every {step.kept}th is remembered" if step.kept else ""
            how = f"through the steps of `{step.method}`{kept}"
        case "one_step":
            how = "through one proximal gradient step from the answer: an approximation"
        case _:
            exact = ": exact for F, by the envelope theorem" if step.exact else ""
            return f"{names} is a constant in the loss{exact}"
    envelope = "; where the loss is F alone, a constant would be as exact" if step.exact else ""
    return f"{step.gradient}: {names} moves with the parameters {how}{envelope}"
