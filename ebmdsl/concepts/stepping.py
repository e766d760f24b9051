"""What solvers share: step lengths, one proximal step, and the reasons to refuse a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl._torch import torch
from ebmdsl.concepts.facts import Smoothness
from ebmdsl.concepts.matrices import length
from ebmdsl.concepts.problem import Refuse

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem


def safe_step(objective: Objective, z: Tensor) -> Tensor:
    """Return a first step length, [n, 1]: 1/L for a quadratic, else from two slopes."""
    tiny = torch.finfo(z.dtype).tiny
    if objective.quadratic is not None:
        bound = objective.quadratic.hessian.largest().clamp_min(tiny)
        return (1 / bound).expand(z.shape[0], 1)
    slope = objective.gradient(z)
    size = length(z) + (length(z) == 0)
    probe = 1e-2 * size / length(slope).clamp_min(tiny)
    change = length(objective.gradient(z - probe * slope) - slope)
    guess = 2 * probe * length(slope) / change.clamp_min(tiny)
    return torch.where(change > 0, guess, probe)


def trial(
    objective: Objective, z: Tensor, *, step: Tensor
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Try a proximal gradient step from z: the new point, the next length, who was refused.

    For a quadratic the length is safe and nobody is. Otherwise a sample whose smooth part
    exceeds its quadratic model halves its length and must stay where it is.
    """
    slope = objective.gradient(z)
    moved = objective.prox(z - step * slope, step)
    if objective.quadratic is not None:
        return moved, step, None
    change = moved - z
    before, after = objective.smooth(z), objective.smooth(moved)
    model = before + (slope * change + change**2 / (2 * step)).sum(-1)
    slack = 16 * torch.finfo(z.dtype).eps * torch.maximum(before.abs(), after.abs())
    refused = ~(after <= model + slack).unsqueeze(-1)
    return moved, torch.where(refused, step / 2, step), refused


def refusal_of_proximal(problem: Problem) -> Refuse | None:
    """Say why no proximal gradient step exists for a problem, if so."""
    refusal = refusal_of_sets(problem, "a step")
    if refusal is not None:
        return refusal
    if problem.obstacle is not None:
        term = problem.obstacle
        return Refuse(f"`{term.text}` has no known prox: {term.obstacle}", term.span)
    if problem.clash is not None:
        one, other = problem.clash
        pair = f"`{one.text}` and `{other.text}`"
        return Refuse(f"{pair} have a prox each, but none is known for their sum", other.span)
    if problem.crossing is not None:
        term, part = problem.crossing
        both = f"`{term.text}` has a prox, but none is known together with the set of"
        return Refuse(f"{both} `{part.name}`, which is {part.text}", term.span)
    if problem.smooth.smoothness < Smoothness.C1:
        return Refuse(f"the energy has kinks in {problem.name} that no prox takes care of")
    return None


def refusal_of_sets(problem: Problem, what: str) -> Refuse | None:
    """Say why a point cannot be brought back into the sets of the latents, if so."""
    if problem.discrete:
        return Refuse(f"{problem.name} takes finitely many values; {what} needs a continuum")
    part = problem.unprojected
    if part is None:
        return None
    if part.kind == "discrete":
        return Refuse(f"`{part.name}` takes finitely many values; {what} needs a continuum")
    where = f"the set of `{part.name}`, which is {part.text}"
    return Refuse(f"no projection onto {where}, is known: {part.obstacle}")


def refusal_of_bent(problem: Problem) -> Refuse | None:
    """Say what is not proved convex, if anything: then a stationary point may be no minimum."""
    part = next((part for part in problem.sets if part.kind in ("other", "discrete")), None)
    if part is not None:
        return Refuse(f"the set of `{part.name}`, which is {part.text}, is not convex")
    term = next((term for term in problem.rough if not term.convex), None)
    if term is not None:
        return Refuse(f"`{term.text}` is not convex", term.span)
    if not problem.smooth.convex:
        return Refuse(f"the smooth part is not proved convex in {problem.name}")
    return None


def locally(problem: Problem) -> str:
    """Add to a reason that the answer is a local one, where nothing more is proved."""
    return "" if problem.convex else "; not proved convex, so a local minimum"


def refusal_of_matrix(problem: Problem) -> Refuse | None:
    """Say why the matrix of a quadratic cannot be held, if so."""
    if problem.has_matrix or not problem.quadratic:
        return None
    rows = f"{problem.size:,}"
    each = "" if problem.shared else " for every sample"
    return Refuse(f"its matrix in {problem.name} would have {rows} x {rows} entries{each}")


def refusal_of_smooth(problem: Problem, what: str) -> Refuse | None:
    """Say why a step along the plain derivative is not defined, if so."""
    if problem.discrete:
        return Refuse(f"{problem.name} takes finitely many values; {what} needs a continuum")
    if problem.rough:
        term = problem.rough[0]
        kink = f"`{term.text}` has a kink at 0"
        return Refuse(f"{kink}; {what} needs a derivative there", term.span)
    part = problem.bounded
    if part is not None:
        which = f"`{part.name}`, which is {part.text}"
        return Refuse(f"{what} can leave the set of {which}")
    return None


def refusal_of_mode(problem: Problem, what: str, *, widest: int) -> Refuse | None:
    """Say why a smooth minimum with a curvature is not to be had, if so."""
    refusal = refusal_of_smooth(problem, what)
    if refusal is not None:
        return refusal
    if problem.smooth.smoothness < Smoothness.C2:
        return Refuse(f"the energy has no second derivative in {problem.name}; {what} needs it")
    if problem.smooth.affine:
        return Refuse(f"the energy does not grow with {problem.name}: the integral is infinite")
    if problem.size > widest:
        return Refuse(f"{problem.name} has {problem.size:,} entries; {what} takes {widest}")
    return None
