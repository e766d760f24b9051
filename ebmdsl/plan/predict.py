"""Plan `predict y by …`: how observed variables are found, with the latents gone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.concepts.base import default
from ebmdsl.concepts.facts import Facts, Smoothness
from ebmdsl.concepts.kinds import Solver
from ebmdsl.plan.choose import Choice, choose
from ebmdsl.plan.eliminate import eliminate
from ebmdsl.plan.minimize import told
from ebmdsl.plan.places import places
from ebmdsl.plan.plan import Eliminate, Rejected
from ebmdsl.plan.structure import structure
from ebmdsl.source.diagnostic import Diagnostics

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model
    from ebmdsl.concepts.problem import Problem
    from ebmdsl.expr.node import Node

Steps = tuple[Eliminate, ...]


def predict(
    model: Model, infer: Infer, *, energy: Node, steps: Steps, found: Diagnostics
) -> Eliminate | None:
    """Plan one `predict`, given how the latents disappear; None for an unsuitable method.

    Without latents the energy is searched itself. Where latents and what is predicted are
    asked the same question, they are answered together. Elsewhere F is searched, and the
    latents disappear anew at every point of the search.
    """
    asked = energy if infer.terms is None else infer.terms
    hidden = tuple(name for step in steps for name in step.names if name in asked.names)
    if not hidden:
        plain = eliminate(model, infer, energy=energy, found=found)
        return None if plain is None else _by_places(model, _started(plain, infer))
    if infer.terms is None:
        joined = _together(model, infer, energy=energy, steps=steps)
        if joined is not None:
            return _started(joined, infer)
    return _inside(model, infer, energy=asked, steps=steps, found=found)


def _started(step: Eliminate, infer: Infer) -> Eliminate:
    """Add the starts; entries are proved by the slope, a low energy is not enough."""
    found = _BY_SLOPE.get(step.certificate, step.certificate)
    return replace(step, starts=infer.starts, certificate=found)


def _by_places(model: Model, step: Eliminate) -> Eliminate:
    """Try the places of a sequence by themselves, which is exact where they do not meet."""
    found = places(model, step)
    if found is None or step.ring != "minimize" or step.told:
        return step
    names = _names(step.names)
    return replace(
        step,
        method="separate",
        reason=f"{names} is found place by place, all at once: one value of E for each letter",
        certificate="how much places change each other's energies, checked at random values",
        solver=step.solver or default(Solver, "exhaustive"),
        places=found,
        rejected=(*_in_turn(step), *step.rejected),
    )


def _in_turn(step: Eliminate) -> tuple[Rejected, ...]:
    """Say why the method that would take the problem otherwise is not the first."""
    return () if step.open else (Rejected(step.method, "it tries one place after the other"),)


_SLOPE = "relative length of a gradient step"
_BY_SLOPE = {"relative excess energy": _SLOPE, "relative duality gap": _SLOPE}


def _together(model: Model, infer: Infer, *, energy: Node, steps: Steps) -> Eliminate | None:
    """Plan to find latents and observed variables at once, where that is the same answer.

    A minimum of minima is one minimum. With a joint quadratic whose matrix depends on
    parameters only, summing out latents changes F by a constant.
    """
    hidden = tuple(name for step in steps for name in step.names)
    everyone = replace(infer, names=(*infer.names, *hidden), start=None)
    if infer.start is not None or infer.starts is not None:
        return None
    same = all(_same_question(step, infer) for step in steps)
    if not same and not _gaussian(model, everyone, energy=energy, steps=steps):
        return None
    quiet = Diagnostics()
    found = eliminate(model, everyone, energy=energy, found=quiet)
    if found is None or found.open or not quiet.ok:
        return None
    word = "at once" if same else "at once, for the mean of a Gaussian is its mode"
    reason = f"{_names(infer.names)} and {_names(hidden)} are found {word}; {found.reason}"
    return replace(found, reason=reason, joined=hidden, exact=True)


def _same_question(step: Eliminate, infer: Infer) -> bool:
    if infer.ring == "minimize":
        return step.ring == "minimize" and step.exact
    return step.ring in ("marginalize", "sample") and step.beta == infer.beta and step.exact


def _gaussian(model: Model, everyone: Infer, *, energy: Node, steps: Steps) -> bool:
    """Tell whether latents that are summed out leave the minimizer where it is."""
    if everyone.ring != "minimize" or not all(_summed(step) for step in steps):
        return False
    problem = structure(model, everyone.names, energy=energy).problem
    continuous = problem.domain == "real" and not problem.rough
    return continuous and problem.quadratic and problem.smooth.convex and problem.shared


def _summed(step: Eliminate) -> bool:
    return step.ring in ("minimize", "marginalize") and step.exact


def _inside(
    model: Model, infer: Infer, *, energy: Node, steps: Steps, found: Diagnostics
) -> Eliminate | None:
    """Plan a search over F, where the latents disappear at every point of it."""
    split = structure(model, infer.names, energy=energy)
    hidden = tuple(name for step in steps for name in step.names)
    problem = _free(split.problem, hidden)
    obstacle = _unsearchable(infer, steps)
    choice = () if obstacle else choose(problem)
    if infer.solver is not None and not obstacle:
        choice = told(infer, infer.solver, problem=problem, choice=choice, found=found)
    if choice is None:
        return None
    chosen = choice if isinstance(choice, Choice) else None
    return Eliminate(
        infer.names,
        infer.ring,
        chosen.solver.word if chosen is not None else "",
        energy,
        infer.terms is None,
        _reason(hidden, chosen, obstacle=obstacle),
        f"{chosen.accept.certificate} of F" if chosen is not None else "none",
        problem=problem,
        solver=chosen.solver if chosen is not None else None,
        smooth=energy,
        gradient="constant",
        beta=infer.beta,
        start=infer.start,
        starts=infer.starts,
        inside=hidden,
        told=infer.solver is not None,
        rejected=chosen.rejected if chosen is not None else _refusals(choice),
        span=infer.span if chosen is not None else infer.method,
    )


def _refusals(choice: Choice | tuple[Rejected, ...]) -> tuple[Rejected, ...]:
    return () if isinstance(choice, Choice) else choice


def _reason(hidden: tuple[str, ...], chosen: Choice | None, *, obstacle: str) -> str:
    if chosen is None:
        return obstacle or "no method takes what was found"
    return f"F is searched, {_names(hidden)} found anew at each point; {chosen.accept.reason}"


def _free(problem: Problem, hidden: tuple[str, ...]) -> Problem:
    """Describe F as a function of what is predicted: smooth, and no polynomial any more."""
    rough = tuple(
        replace(term, obstacle=term.obstacle or f"{_names(hidden)} disappears around it")
        for term in problem.rough
    )
    smooth = Facts(smoothness=min(problem.smooth.smoothness, Smoothness.C1))
    evaluation = problem.evaluation * _AGAIN
    return replace(problem, smooth=smooth, rough=rough, shared=False, evaluation=evaluation)


_AGAIN = 100.0


def _unsearchable(infer: Infer, steps: Steps) -> str:
    """Say why F has no value, or no slope, that a search could follow."""
    if infer.ring != "minimize":
        return f"`{infer.ring}` over what is left when latents are gone needs a joint method"
    if infer.terms is not None:
        return "the terms that are minimized depend on latents, and F alone knows those"
    for step in steps:
        names = _names(step.names)
        if step.open:
            return f"{names} cannot be found, so that F has no value"
        if step.ring == "sample":
            return f"{names} is drawn: only the gradient of F is known, and no value"
        if step.ring == "minimize" and not step.exact:
            return f"{names} minimizes some terms only, so that the slope of F is not known"
    return ""


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
