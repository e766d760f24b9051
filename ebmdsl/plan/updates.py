"""Choose how each player moves its parameters: an exact step where the structure has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.statement_mistakes import TrainWithoutEffect
from ebmdsl.concepts.base import default
from ebmdsl.concepts.facts import Block
from ebmdsl.concepts.kinds import Optimizer
from ebmdsl.expr.build import addends
from ebmdsl.expr.node import is_free_energy
from ebmdsl.expr.prove import prove
from ebmdsl.plan.live import constants, live
from ebmdsl.plan.low_rank import low_rank
from ebmdsl.plan.plan import Eliminate, Rejected, Update
from ebmdsl.plan.written import method_of, named

if TYPE_CHECKING:
    from ebmdsl.check.model import Model, Train
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.low_rank import LowRank
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.text import Span

EXACTLY_KEPT = frozenset({"orthonormal"})


def update(
    model: Model,
    train: Train,
    *,
    energy: Node,
    eliminations: tuple[Eliminate, ...],
    found: Diagnostics,
) -> Update | None:
    """Plan one player; None when its loss does not depend on what it moves."""
    assert train.objective is not None
    names = train.names or _left_over(model)
    reached = live(model, train.objective, energy=energy)
    idle = tuple(name for name in names if name not in reached)
    if idle and (named(model, train) or len(idle) == len(names)):
        held = constants(model, train.objective, name=idle[0], energy=energy)
        found.report(TrainWithoutEffect(_place(model, train, idle=idle), idle, held))
        return None
    names = tuple(name for name in names if name in reached)
    obstacle = _obstacle(model, train, names=names, energy=energy, eliminations=eliminations)
    if obstacle is None:
        return _alternation(model, train, names=names, energy=energy)
    return _gradient(train, names, obstacle=obstacle, eliminations=eliminations)


def _left_over(model: Model) -> tuple[str, ...]:
    taken = {name for train in model.trains for name in train.names}
    return tuple(name for name in model.parameters if name not in taken)


def _place(model: Model, train: Train, *, idle: tuple[str, ...]) -> Span:
    """Return where the first parameter without effect is named, else how it was to move."""
    written = named(model, train)
    return next((written[name] for name in idle if name in written), method_of(model, train))


def _obstacle(
    model: Model,
    train: Train,
    *,
    names: tuple[str, ...],
    energy: Node,
    eliminations: tuple[Eliminate, ...],
) -> Rejected | None:
    """Return why the parameters take no exact step, what is proved before what was asked."""
    assert train.objective is not None
    if not is_free_energy(train.objective):
        return Rejected("exact alternation", "the loss is not F alone", train.span)
    inexact = [e for e in eliminations if e.ring != "minimize" or not e.exact]
    if inexact:
        listed = ", ".join(f"`{name}`" for name in inexact[0].names)
        reason = f"{listed} is not a minimizer of the whole energy"
        return Rejected("exact alternation", reason, inexact[0].span)
    proved = _constrained(model, names) or _not_quadratic(model, names, energy=energy)
    if proved is not None or train.optimizer is None:
        return proved
    reason = f"the file asks for `{train.optimizer.word}`"
    return Rejected("exact alternation", reason, train.span)


def _constrained(model: Model, names: tuple[str, ...]) -> Rejected | None:
    for net in model.nets:
        if net.name in names:
            reason = f"`{net.name}` is a net, and no exact step is known for its weights"
            return Rejected("exact alternation", reason, net.span)
    for declared in filter(None, map(model.find, names)):
        broken = [each.word for each in declared.constraints if each.word not in EXACTLY_KEPT]
        if broken:
            reason = f"the exact minimizer in `{declared.name}` breaks `{broken[0]}`"
            return Rejected("exact alternation", reason, declared.span)
        if declared.quantity.domain.name != "real":
            domain = declared.quantity.domain.name
            reason = f"`{declared.name}` is {domain}, and its exact minimizer may not be"
            return Rejected("exact alternation", reason, declared.span)
    return None


def _not_quadratic(model: Model, names: tuple[str, ...], *, energy: Node) -> Rejected | None:
    """Name the first parameter in which a term of the energy is no convex quadratic."""
    uses: dict[str, list[Node]] = {}
    for term in addends(energy):
        for name in term.names:
            uses.setdefault(name, []).append(term)
    for name in names:
        facts = [prove(term, frozenset({name})) for term in uses.get(name, [])]
        degrees = {each.degree for each in facts}
        if not facts or None in degrees or max(e.degree or 0 for e in facts) != _QUADRATIC:
            return _no_quadratic(model, name)
        if not all(each.convex for each in facts):
            return _no_quadratic(model, name)
    return None


def _no_quadratic(model: Model, name: str) -> Rejected:
    span = next((d.span for d in model.declared if d.name == name), None)
    reason = f"the energy is not proved a convex quadratic in `{name}`"
    return Rejected("exact alternation", reason, span)


_QUADRATIC = 2


def _alternation(model: Model, train: Train, *, names: tuple[str, ...], energy: Node) -> Update:
    blocks = _blocks(model, names, energy=energy)
    rows = tuple(_rows_decouple(energy, block) for block in blocks)
    free = tuple(n for n in names if (d := model.find(n)) is not None and not d.constraints)
    ranks = tuple(_low_rank(model, block, energy=energy, free=free) for block in blocks)
    listed = ", then ".join(" and ".join(f"`{name}`" for name in block) for block in blocks)
    assert train.objective is not None
    return Update(
        names,
        train.objective,
        "alternation",
        f"with the latents fixed the energy is quadratic in {listed}: {_how(blocks, ranks)}",
        blocks=blocks,
        rows=rows,
        low_rank=ranks,
        envelope=True,
        span=train.span,
    )


def _low_rank(
    model: Model, block: tuple[str, ...], *, energy: Node, free: tuple[str, ...]
) -> LowRank | None:
    """Return the low-rank structure in a parameter that is alone and orthonormal."""
    if block[0] in free:
        return None
    return low_rank(model, energy, param=block[0], free=free)


def _how(blocks: tuple[tuple[str, ...], ...], ranks: tuple[LowRank | None, ...]) -> str:
    found = [block[0] for block, rank in zip(blocks, ranks, strict=True) if rank is not None]
    if found:
        return f"`{found[0]}` acts only in a product of low rank, so it is a singular subspace"
    return "one linear solve, or a polar factor where columns stay orthonormal"


def _blocks(
    model: Model, names: tuple[str, ...], *, energy: Node
) -> tuple[tuple[str, ...], ...]:
    """Group the free parameters that are jointly quadratic; a constrained one is alone."""
    free = tuple(n for n in names if (d := model.find(n)) is not None and not d.constraints)
    bound = tuple(name for name in names if name not in free)
    facts = prove(energy, frozenset(free)) if free else None
    joint = facts is not None and facts.degree == _QUADRATIC and facts.convex
    groups = (free,) if joint and free else tuple((name,) for name in free)
    return (*groups, *((name,) for name in bound))


def _rows_decouple(energy: Node, block: tuple[str, ...]) -> bool:
    return prove(energy, frozenset(block)).block <= Block.ROWS


def _gradient(
    train: Train,
    names: tuple[str, ...],
    *,
    obstacle: Rejected,
    eliminations: tuple[Eliminate, ...],
) -> Update:
    assert train.objective is not None
    optimizer = train.optimizer or default(Optimizer, "adam")
    exact = all(e.exact for e in eliminations) and "F" in train.objective.names
    return Update(
        names,
        train.objective,
        "gradient",
        _why_gradient(eliminations, exact=exact),
        optimizer=optimizer,
        every=train.every,
        envelope=exact,
        rejected=(obstacle,),
        span=train.span,
    )


def _why_gradient(eliminations: tuple[Eliminate, ...], *, exact: bool) -> str:
    if not eliminations:
        return "the gradient of the energy itself"
    if any(step.open for step in eliminations):
        return "it depends on a method for the inference, and there is none yet"
    if any(step.method == "variational" for step in eliminations):
        return "the bound is differentiated through reparametrized draws of the posterior"
    if all(step.ring == "marginalize" for step in eliminations):
        return "F is known in closed form and differentiated exactly"
    if any(step.ring == "sample" for step in eliminations):
        return "of F only the gradient is known: that of E at a draw, held constant"
    names = ", ".join(f"`{name}`" for e in eliminations for name in e.names)
    if exact:
        return (
            f"the gradient of F is the gradient of E with {names} held at the answer "
            "(envelope theorem): nothing is propagated back through the solver"
        )
    return f"{names} is a constant in the loss: the usual alternation, not the gradient of F"
