"""Plan how Markov chains move through observed variables: what a sampler is run on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, final

from ebmdsl._record import record
from ebmdsl.concepts.base import default
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Accept, Refuse
from ebmdsl.plan.draw import Drawer, drawable, drawer_of
from ebmdsl.plan.mistakes import UnsuitableSampler
from ebmdsl.plan.plan import Eliminate

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared, Model
    from ebmdsl.concepts.problem import Verdict
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Plan
    from ebmdsl.plan.structure import Structure
    from ebmdsl.source.diagnostic import Diagnostics

Steps = tuple[Eliminate, ...]
Route = Literal["energy", "joint", "free"]


@final
@record
class Kernel:
    r"""How chains of observed variables move: each step leaves $e^{-F / T}$ as it is.

    `energy`: there are no latents, and `step` says how the variables move in E. `joint`: the
    latents are drawn given them, then they are drawn given the latents, as `step` says.
    `free`: the sampler sees F, with the latents gone anew at every point. One that `refuses`
    steps has an acceptance worth looking at.
    """

    sampler: Sampler
    route: Route
    reason: str
    step: Eliminate | None = None
    refuses: bool = False


def kernel(plan: Plan, sampler: Sampler, *, names: tuple[str, ...]) -> Kernel | Refuse:
    """Choose what a sampler of observed variables is run on, or say why it cannot be."""
    steps = plan.eliminations
    return _kernel(plan.model, plan.energy, steps=steps, sampler=sampler, names=names)


def _kernel(
    model: Model, energy: Node, *, steps: Steps, sampler: Sampler, names: tuple[str, ...]
) -> Kernel | Refuse:
    split = drawable(model, names, energy=energy)
    hidden = any(energy.names & {*step.names} for step in steps)
    verdict = _verdict(split, sampler, hidden=hidden)
    if isinstance(verdict, Refuse):
        return verdict
    if not hidden:
        step = _moved(split, energy, names=names, accept=verdict, sampler=sampler)
        return Kernel(sampler, "energy", verdict.reason, step, refuses=_refuses(verdict))
    joint = _joint(split, energy, steps=steps, sampler=sampler, names=names)
    if joint is not None:
        return joint
    reason = f"{verdict.reason}, in F: {_anew(steps)}"
    return Kernel(sampler, "free", reason, refuses=_refuses(verdict))


def _refuses(verdict: Accept) -> bool:
    return verdict.certificate == "acceptance"


def _verdict(split: Structure, sampler: Sampler, *, hidden: bool) -> Verdict:
    """Ask a sampler; of F nothing is known but how smooth it is."""
    problem = split.problem
    if hidden:
        problem = replace(problem, smooth=Facts(smoothness=problem.smooth.smoothness))
    return sampler.accepts(problem)


def _anew(steps: Steps) -> str:
    names = ", ".join(f"`{name}`" for step in steps for name in step.names)
    return f"{names} disappear anew at every point"


def _moved(
    split: Structure,
    energy: Node,
    *,
    names: tuple[str, ...],
    accept: Accept,
    sampler: Sampler | None,
) -> Eliminate:
    return Eliminate(
        names,
        "sample",
        sampler.word if sampler is not None else "",
        energy,
        True,
        accept.reason,
        accept.certificate,
        problem=split.problem,
        sampler=sampler,
        smooth=split.smooth,
        rough=split.rough,
    )


def _joint(
    split: Structure, energy: Node, *, steps: Steps, sampler: Sampler, names: tuple[str, ...]
) -> Kernel | None:
    """Plan to draw latents and observed variables in turn; None where that is not the law.

    It is where the latents are drawn exactly at the temperature of the chain, and the
    observed variables are among few values, or drawn exactly given the latents.
    """
    if sampler.word != "gibbs" or len(steps) != 1:
        return None
    (latent,) = steps
    same = latent.beta * getattr(sampler, "temperature", 1.0) == 1
    drawn = latent.marginalizer is not None and latent.marginalizer.draws
    if not same or not drawn or latent.annealed is not None:
        return None
    drawer = drawer_of(split.problem, beta=latent.beta)
    if not isinstance(drawer, Drawer):
        return None
    sweep: Any = default(Sampler, "gibbs")
    once: Sampler = replace(sweep, steps=1, temperature=1 / latent.beta)
    if drawer.sampler is not None and drawer.sampler.word != "gibbs":
        return None
    step = _moved(split, energy, names=names, accept=drawer.accept, sampler=once)
    exact = drawer.marginalizer
    if exact is not None:
        step = replace(step, method=exact.word, marginalizer=exact, sampler=None)
    listed = ", ".join(f"`{name}`" for name in latent.names)
    seen = ", ".join(f"`{name}`" for name in names)
    reason = f"{listed} given {seen} by {latent.method}, then {seen} given {listed}"
    return Kernel(
        sampler, "joint", f"{reason} by {step.method}", replace(step, beta=latent.beta)
    )


def walks(
    model: Model, energy: Node, *, steps: Steps, found: Diagnostics
) -> tuple[tuple[str, Kernel], ...]:
    """Plan the chains of every contrastive point; a sampler that does not suit is reported."""
    planned: list[tuple[str, Kernel]] = []
    for declared in model.with_role("negative"):
        sampler = declared.drawn.sampler if declared.drawn is not None else None
        names = moved_by(model, declared)
        if sampler is None or not names:
            continue
        way = _kernel(model, energy, steps=steps, sampler=sampler, names=names)
        if isinstance(way, Refuse):
            mistake = UnsuitableSampler(declared.span, sampler.word, way.reason, way.span)
            found.report(mistake)
        else:
            planned.append((declared.name, way))
    return tuple(planned)


def moved_by(model: Model, declared: Declared) -> tuple[str, ...]:
    """Name the observed variables that the chains of a negative move through."""
    observed = [each.name for each in model.with_role("observed")]
    start = declared.drawn.start if declared.drawn is not None else None
    direct = [name for name in observed if start is not None and name in start.names]
    return tuple(direct[:1] if direct else observed[:1])
