"""Choose how each player moves its parameters: an exact step where the structure has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.statement_mistakes import TrainWithoutEffect
from ebmdsl.concepts.base import default
from ebmdsl.concepts.kinds import Optimizer
from ebmdsl.expr.node import is_free_energy
from ebmdsl.plan.exact import EXACT, exact_moves, why_exact
from ebmdsl.plan.gradient import MODES
from ebmdsl.plan.live import constants, live
from ebmdsl.plan.plan import Eliminate, Move, Rejected, Update
from ebmdsl.plan.written import method_of, named

if TYPE_CHECKING:
    from ebmdsl.check.model import Model, Train
    from ebmdsl.expr.node import Node
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.text import Span


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
    moves = _exact(model, train, names=names, energy=energy, eliminations=eliminations)
    if isinstance(moves, Rejected):
        return _gradient(train, names, obstacle=moves, eliminations=eliminations)
    return _alternation(train, names, moves=moves, eliminations=eliminations)


def _left_over(model: Model) -> tuple[str, ...]:
    taken = {name for train in model.trains for name in train.names}
    return tuple(name for name in model.parameters if name not in taken)


def _place(model: Model, train: Train, *, idle: tuple[str, ...]) -> Span:
    """Return where the first parameter without effect is named, else how it was to move."""
    written = named(model, train)
    return next((written[name] for name in idle if name in written), method_of(model, train))


def _exact(
    model: Model,
    train: Train,
    *,
    names: tuple[str, ...],
    energy: Node,
    eliminations: tuple[Eliminate, ...],
) -> tuple[Move, ...] | Rejected:
    """Return the exact steps, or why there are none: what is proved before what was asked."""
    assert train.objective is not None
    if not is_free_energy(train.objective):
        return Rejected(EXACT, "the loss is not F alone", train.span)
    found = exact_moves(model, names, energy=energy, eliminations=eliminations)
    if isinstance(found, Rejected) or train.optimizer is None:
        return found
    return Rejected(EXACT, f"the file asks for `{train.optimizer.word}`", train.span)


def _alternation(
    train: Train,
    names: tuple[str, ...],
    *,
    moves: tuple[Move, ...],
    eliminations: tuple[Eliminate, ...],
) -> Update:
    assert train.objective is not None
    return Update(
        names,
        train.objective,
        "alternation",
        why_exact(moves, eliminations),
        moves=moves,
        envelope=True,
        span=train.span,
    )


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
    if any(e.gradient in MODES for e in eliminations):
        return f"the gradient of the loss, in which {names} moves with the parameters"
    if exact:
        return (
            f"the gradient of F is the gradient of E with {names} held at the answer "
            "(envelope theorem): nothing is propagated back through the solver"
        )
    return f"{names} is a constant in the loss: the usual alternation, not the gradient of F"
