"""Exact steps of the parameters: which ones there are, in which order, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ebmdsl.concepts.facts import Block
from ebmdsl.expr.build import addends
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.expr.prove import prove
from ebmdsl.plan.conjugate import conjugate, selects
from ebmdsl.plan.low_rank import low_rank
from ebmdsl.plan.means import mean
from ebmdsl.plan.plan import Eliminate, Move, Rejected

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared, Model
    from ebmdsl.plan.conjugate import Conjugate
    from ebmdsl.plan.low_rank import LowRank

EXACT = "exact alternation"
EXACTLY_KEPT = frozenset({"orthonormal"})
MOST_COMPLETIONS = 256


def exact_moves(
    model: Model,
    names: tuple[str, ...],
    *,
    energy: Node,
    eliminations: tuple[Eliminate, ...],
) -> tuple[Move, ...] | Rejected:
    """Return exact steps that take turns, or what stands in the way of one."""
    for step in eliminations:
        reason = _inexact(step, alone=len(eliminations) == 1)
        if reason:
            return Rejected(EXACT, reason, step.span)
    forms = {
        name: form
        for name in names
        if (declared := model.find(name)) is not None
        and (form := conjugate(energy, declared)) is not None
    }
    rest = tuple(name for name in names if name not in forms)
    obstacle = _constrained(model, rest) or _not_quadratic(model, rest, energy=energy)
    if obstacle is not None:
        return obstacle
    return _moves(model, rest, energy=energy, forms=forms)


def _inexact(step: Eliminate, *, alone: bool) -> str:
    """Say why what is found of some latents does not give exact steps, if so."""
    listed = ", ".join(f"`{name}`" for name in step.names)
    if step.ring == "minimize" and step.exact:
        return ""
    method = step.marginalizer
    if step.ring != "marginalize" or method is None:
        return f"{listed} is not a minimizer of the whole energy"
    if not step.exact:
        return f"F is a bound or an estimate, for {listed} is not summed out exactly"
    if not method.completes or not alone:
        return f"the posterior of {listed} is known by its mean only"
    states = None if step.problem is None else step.problem.states
    if states is not None and states > MOST_COMPLETIONS:
        return f"{listed} has {states} states, too many to weigh each of them for every sample"
    return ""


def _moves(
    model: Model, names: tuple[str, ...], *, energy: Node, forms: dict[str, Conjugate]
) -> tuple[Move, ...]:
    free = tuple(name for name in names if not _declared(model, name).constraints)
    squares = [
        _least_squares(model, block, energy=energy, free=free)
        for block in _blocks(model, names, energy=energy)
    ]
    return (*squares, *(Move((name,), conjugate=form) for name, form in forms.items()))


def _least_squares(
    model: Model, block: tuple[str, ...], *, energy: Node, free: tuple[str, ...]
) -> Move:
    """Plan a step to the minimum of a quadratic, as a mean where it is one."""
    if len(block) == 1 and block[0] in free:
        form = mean(model, energy, name=block[0])
        if form is not None:
            return Move(block, conjugate=form)
    rank = _low_rank(model, block, energy=energy, free=free)
    return Move(block, _coupling(model, block, energy=energy), low_rank=rank)


def _declared(model: Model, name: str) -> Declared:
    found = model.find(name)
    assert found is not None
    return found


def why_exact(moves: tuple[Move, ...], eliminations: tuple[Eliminate, ...]) -> str:
    """Say what the exact steps are."""
    mean = any(step.ring == "marginalize" for step in eliminations)
    given = "averaged over the posterior (EM)" if mean else "with the latents fixed"
    squares = [move for move in moves if move.conjugate is None]
    parts: list[str] = []
    if squares:
        listed = ", then ".join(_listed(move) for move in squares)
        parts.append(f"the energy is quadratic in {listed}: {_how(squares)}")
    for move in moves:
        if move.conjugate is not None:
            parts.append(f"{_listed(move)} has {_KNOWN[move.conjugate.kind]}")
    return f"{given} {'; '.join(parts)}"


_KNOWN = {
    "mean": "a mean as its minimum",
    "shares": "the shares of the samples as its minimum",
    "scale": "a mean size as its minimum",
    "factor": "the factor of a covariance as its minimum",
}


def _listed(move: Move) -> str:
    return " and ".join(f"`{name}`" for name in move.names)


def _how(moves: list[Move]) -> str:
    found = [move for move in moves if move.low_rank is not None]
    if found:
        what = "acts only in a product of low rank, so it is a singular subspace"
        return f"{_listed(found[0])} {what}"
    return "one linear solve, or a polar factor where columns stay orthonormal"


def _constrained(model: Model, names: tuple[str, ...]) -> Rejected | None:
    for net in model.nets:
        if net.name in names:
            reason = f"`{net.name}` is a net, and no exact step is known for its weights"
            return Rejected(EXACT, reason, net.span)
    for declared in filter(None, map(model.find, names)):
        broken = [each.word for each in declared.constraints if each.word not in EXACTLY_KEPT]
        if broken:
            reason = f"the exact minimizer in `{declared.name}` breaks `{broken[0]}`"
            return Rejected(EXACT, reason, declared.span)
        if declared.quantity.domain.name != "real":
            domain = declared.quantity.domain.name
            reason = f"`{declared.name}` is {domain}, and its exact minimizer may not be"
            return Rejected(EXACT, reason, declared.span)
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
    return Rejected(EXACT, reason, span)


_QUADRATIC = 2


def _low_rank(
    model: Model, block: tuple[str, ...], *, energy: Node, free: tuple[str, ...]
) -> LowRank | None:
    """Return the low-rank structure in a parameter that is alone and orthonormal."""
    if block[0] in free:
        return None
    return low_rank(model, energy, param=block[0], free=free)


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


def _coupling(
    model: Model, block: tuple[str, ...], *, energy: Node
) -> Literal["rows", "columns", "all"]:
    """Tell which entries meet: no two columns do where a one-hot value chooses one."""
    if prove(energy, frozenset(block)).block <= Block.ROWS:
        return "rows"
    matrices = len(block) == 1 and len(_declared(model, block[0]).shape) == _MATRIX
    return "columns" if matrices and _is_chosen(energy, block[0]) else "all"


def _is_chosen(energy: Node, name: str) -> bool:
    """Tell whether a parameter is only used by its columns, each chosen by a one-hot value."""
    users = [node for node in walk(energy) if any(_is_named(arg, name) for arg in node.args)]
    return all(node.op is Op.MATMUL and selects(node, name) for node in users)


def _is_named(node: Node, name: str) -> bool:
    """Tell whether a node is the variable of this name."""
    return node.op is Op.VARIABLE and node.data.name == name


_MATRIX = 2
