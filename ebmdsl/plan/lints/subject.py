"""What a lint looks at: a program as it was written and in the core form."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, final

from ebmdsl._record import record
from ebmdsl.expr.build import add, addends, coefficient, const, is_const
from ebmdsl.expr.node import Node, Op, is_free_energy, walk
from ebmdsl.plan.written import statements
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared, Model, Net, Train
    from ebmdsl.source.text import Span

CONES = frozenset({"symmetric", "zero_diag", "mask", "nonneg"})


@final
@record
class Subject:
    """A program: `written` has its strategies by name, `model` has them written out.

    `whole` is the program itself where this is one of its stages.
    """

    written: Model
    model: Model
    energy: Node
    whole: Model

    @property
    def moved(self) -> frozenset[str]:
        """Name the parameters and nets that training moves."""
        named = {name for train in self.model.trains for name in train.names}
        rest = any(not train.names for train in self.model.trains)
        return frozenset(self.model.parameters if rest else named)

    @property
    def observed(self) -> frozenset[str]:
        """Name the observed variables."""
        return frozenset(each.name for each in self.model.with_role("observed"))

    @property
    def latents(self) -> frozenset[str]:
        """Name the latents."""
        return frozenset(each.name for each in self.model.with_role("latent"))

    def net(self, name: str) -> Net | None:
        """Return the net of this name."""
        return next((each for each in self.model.nets if each.name == name), None)

    def place(self, addend: Node) -> Span | None:
        """Return where an addend of the energy or of a loss was written."""
        span = self.model.origin(addend) or self.model.origin(core(addend))
        if span is not None:
            return span
        return next((t.span for t in self.model.terms if holds(t.node, addend)), None)


def subject_of(written: Model, model: Model, *, whole: Model) -> Subject:
    """Return what the lints look at."""
    energy = add(const(0), *(term.node for term in model.energy))
    return Subject(written, model, energy, whole)


def core(node: Node) -> Node:
    """Return what a node is without the number before it, whatever shape that gave it."""
    base = coefficient(node)[1]
    factors = [each for each in base.args if not is_const(each, 1)]
    return factors[0] if base.op is Op.MULTIPLY and len(factors) == 1 else base


def holds(node: Node, part: Node) -> bool:
    """Tell whether a node is part of another one, whatever number stands before it."""
    base = core(part)
    return any(each is base for each in walk(node))


def declaration(model: Model, name: str) -> ast.Variable | ast.Net | None:
    """Return the statement that declares a variable or a net."""
    for each in statements(model.file):
        if isinstance(each, ast.Variable | ast.Net) and each.name.text == name:
            return each
    return None


def lowered(subject: Subject) -> tuple[Node, ...] | None:
    """List all that training lowers, or return None where it raises something, too.

    Without any training there is the energy, which the latents lower.
    """
    if not subject.model.trains and not subject.whole.stages:
        return addends(subject.energy)
    losses = [t.objective for t in subject.model.trains if t.objective is not None]
    parts = [_lowered(subject, addend) for loss in losses for addend in addends(loss)]
    kept = dict.fromkeys(node for part in parts if part is not None for node in part)
    whole = all(part is not None for part in parts)
    return tuple(kept) if whole and kept.keys() & {*addends(subject.energy)} else None


def _lowered(subject: Subject, addend: Node) -> tuple[Node, ...] | None:
    factor, base = coefficient(addend)
    if is_free_energy(base):
        return addends(subject.energy) if factor > 0 else None
    return None if any(map(_raises, walk(addend))) else (addend,)


def _raises(node: Node) -> bool:
    """Tell whether a part of a loss speaks of the energy elsewhere, or of log Z."""
    if node.op is not Op.VARIABLE:
        return node.op is Op.POINT
    return node.data.name in ("F", "logZ") or node.data.role in ("negative", "state")


def free(subject: Subject, *, shrinking: bool = False) -> frozenset[str]:
    """Name what training moves and no declaration holds: it may grow (and shrink) at will."""
    held = {name for train in subject.model.trains if _decays(train) for name in train.names}
    if any(_decays(train) and not train.names for train in subject.model.trains):
        return frozenset()
    names = {
        d.name for d in subject.model.with_role("param") if _unheld(d, shrinking=shrinking)
    }
    names |= {net.name for net in subject.model.nets if _loose(net, shrinking=shrinking)}
    shared = {name for net in subject.model.nets if net.made_of for name in net.names}
    return frozenset((names & subject.moved) - held - shared)


def _decays(train: Train) -> bool:
    optimizer: Any = train.optimizer
    return any(getattr(optimizer, option, 0) for option in ("weight_decay", "decay", "l2"))


def _unheld(declared: Declared, *, shrinking: bool) -> bool:
    quantity = declared.quantity
    if quantity.domain.name != "real" or (quantity.low, quantity.high) != (-inf, inf):
        return False
    return _loose(declared, shrinking=shrinking)


def _loose(held: Declared | Net, *, shrinking: bool) -> bool:
    if shrinking:
        return all(each.word in CONES for each in held.constraints)
    return not any(each.bounds_gain for each in held.constraints)
