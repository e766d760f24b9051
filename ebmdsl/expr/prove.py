"""Prove facts about a node as a function of a set of variables, by composition."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, reduce
from math import prod
from typing import assert_never

from ebmdsl.concepts.facts import (
    Block,
    Curvature,
    Facts,
    Lag,
    Monotone,
    Smoothness,
    add,
    compose,
    constant,
    identity,
    multiply,
    scale,
)
from ebmdsl.expr.joins import beside, contracted, mapped, once_less, outside, several
from ebmdsl.expr.lags import in_full, one_place, sliced
from ebmdsl.expr.node import Node, Op, quantities
from ebmdsl.expr.powers import power


@lru_cache(maxsize=65536)
def prove(node: Node, names: frozenset[str]) -> Facts:
    """Return what is known of `node` when the variables in `names` move and no other."""
    if not node.names & names:
        return _fixed(node)
    found = _found(node, names)
    if found.affine and not node.shape and found.block > Block.SEPARABLE:
        return replace(found, block=Block.SEPARABLE)
    return found


def _found(node: Node, names: frozenset[str]) -> Facts:
    match node.op:
        case Op.CONST | Op.STOP:
            return _fixed(node)
        case Op.VARIABLE:
            return _variable(node)
        case Op.ADD:
            return _added(node, names)
        case Op.MULTIPLY:
            return _multiplied(node, names)
        case Op.POWER:
            base = prove(node.args[0], names)
            return _composed(power(node.data, base), node.args[0], names=names)
        case Op.MATMUL:
            return _matmul(node, names)
        case Op.TRANSPOSE | Op.INDEX:
            return _rearranged(node, names)
        case Op.STACK | Op.SHIFT | Op.SUM_PLATE | Op.OVER_PLATE | Op.DRAW | Op.LIST:
            return _BY_OP[node.op](node, names)
        case Op.CALL | Op.NLL:
            return _called(node, names)
        case Op.BATCH:
            return replace(prove(node.args[0], names), block=Block.FULL)
        case Op.APPLY:
            return _applied(node, names)
        case Op.COMPARE:
            return _compared(node, names)
        case Op.SPLIT:
            return Facts(smoothness=Smoothness.STEP)
        case Op.POINT:
            return _at_point(node, names)
        case Op.GRADIENT:
            return _derived(node, names)
        case Op.FREE:
            return node.data.facts(names)
        case _:
            assert_never(node.op)


@lru_cache(maxsize=65536)
def _fixed(node: Node) -> Facts:
    """Return the bounds of a node that does not move."""
    if node.op is Op.CONST:
        return constant(low=node.data, high=node.data)
    if node.op is Op.VARIABLE:
        return constant(low=node.data.low, high=node.data.high)
    moved = prove(node, node.names) if node.names and node.op is not Op.STOP else Facts()
    return constant(low=moved.low, high=moved.high)


def _variable(node: Node) -> Facts:
    lags = frozenset(Lag(plate.index) for plate in node.plates)
    return replace(identity(low=node.data.low, high=node.data.high), lags=lags)


def _added(node: Node, names: frozenset[str]) -> Facts:
    parts = [prove(arg, names) for arg in node.args]
    whole = reduce(add, parts)
    return replace(whole, block=_met_in_sum(node, names))


def _multiplied(node: Node, names: frozenset[str]) -> Facts:
    fixed = [arg for arg in node.args if not arg.names & names]
    moving = [prove(arg, names) for arg in node.args if arg.names & names]
    block = _met(node, names)
    whole = reduce(lambda left, right: multiply(left, right, block=block), moving)
    for factor in fixed:
        whole = scale(whole, _fixed(factor), names=factor.names)
    return whole


def _met(node: Node, names: frozenset[str]) -> Block:
    """Return which entries meet where an operation joins values entry by entry.

    Entries at one place stay together only if no argument has moved them before.
    """
    moving = [arg for arg in node.args if arg.names & names]
    loosest = max(prove(arg, names).block for arg in moving)
    if len(moving) == 1 or loosest > Block.ROWS:
        return loosest
    placed = all(_in_place(arg, names) and arg.shape == node.shape for arg in moving)
    return Block.FULL if any(_total(arg, names) for arg in moving) or not placed else loosest


def _met_in_sum(node: Node, names: frozenset[str]) -> Block:
    """Return the same for a sum, which keeps totals apart from each other."""
    moving = [arg for arg in node.args if arg.names & names]
    if all(_total(arg, names) for arg in moving):
        return max(prove(arg, names).block for arg in moving)
    return _met(node, names)


def _total(node: Node, names: frozenset[str]) -> bool:
    """Tell whether a value is a sum over places or rows, and not an entry of one of them."""
    block = prove(node, names).block
    return block is Block.SEPARABLE or (block is Block.ROWS and not node.shape)


def _in_place(node: Node, names: frozenset[str]) -> bool:
    """Tell whether every entry still stands where the variables have it."""
    pending = dict.fromkeys([node] if node.names & names else [])
    for each in (waiting := [*pending]):
        moving = [arg for arg in each.args if arg.names & names]
        kept = all(arg.shape == each.shape for arg in moving) or each.op is Op.MATMUL
        if not kept or each.op in (Op.TRANSPOSE, Op.INDEX, Op.SHIFT, Op.STACK):
            return False
        waiting += [arg for arg in moving if arg not in pending]
        pending |= dict.fromkeys(moving)
    return True


def _matmul(node: Node, names: frozenset[str]) -> Facts:
    left, right = node.args
    if left.names & names and right.names & names:
        return contracted(
            prove(left, names), prove(right, names), block=Block.FULL, count=right.shape[0]
        )
    if right.names & names:
        return mapped(prove(right, names), _fixed(left), names=left.names)
    inner = prove(left, names)
    rows = inner.block is Block.ELEMENTWISE and _in_place(left, names)
    block = Block.ROWS if rows and left.shape[0] > 1 else Block.FULL
    return replace(mapped(inner, _fixed(right), names=right.names), block=block)


def _rearranged(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of entries that only change places; an index may move too."""
    if any(arg.names & names for arg in node.args[1:]):
        lags = frozenset[Lag]().union(*(prove(arg, names).lags for arg in node.args))
        held = _fixed(node.args[0])
        return Facts(smoothness=Smoothness.STEP, lags=lags, low=held.low, high=held.high)
    whole = prove(node.args[0], names)
    chosen = frozenset[str]().union(*(arg.names for arg in node.args[1:]))
    return replace(whole, leading=whole.leading | chosen)


def _stacked(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a whole sequence."""
    inner = prove(node.args[0], names)
    return replace(inner, lags=in_full(inner.lags, node))


def _listed(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of values in a row: what holds of all of them."""
    return replace(reduce(beside, (prove(arg, names) for arg in node.args)), block=Block.FULL)


def _drawn(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a draw as a function of what its law depends on."""
    inner = reduce(beside, (prove(arg, names) for arg in node.args))
    low, high = node.data.support
    return replace(compose(node.data.law.moved, inner), low=low, high=high)


def _at_point(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a value at another point, where they hold there too.

    What is found again there is a constant, as it is in a loss; F itself tells nothing.
    """
    inner, *values = node.args
    replaced = frozenset(node.data)
    moving = [value for value in values if value.names & names]
    if any(quantity.role == "free" for quantity in quantities(inner)):
        return Facts(smoothness=Smoothness.STEP)
    if not moving:
        return prove(inner, names - replaced)
    outer = prove(inner, (names | replaced) & inner.names)
    whole = reduce(beside, (prove(value, names) for value in moving))
    alone = not inner.names & names - replaced
    return compose(outer, whole) if alone else several([outer], [whole])


def _compared(node: Node, names: frozenset[str]) -> Facts:
    lags = frozenset[Lag]().union(*(prove(arg, names).lags for arg in node.args))
    block = _met(node, names)
    return Facts(smoothness=Smoothness.STEP, block=block, lags=lags, low=0, high=1)


def _shifted(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a slice of a plate, with how far its index reaches."""
    inner = prove(node.args[0], names)
    return replace(inner, lags=sliced(inner.lags, node))


def _summed(node: Node, names: frozenset[str]) -> Facts:
    inner = prove(node.args[0], names)
    total = Facts(degree=1, curvature=Curvature.AFFINE, monotone=Monotone.INCREASING)
    return replace(compose(total, inner), block=_apart(node, inner))


def _apart(node: Node, inner: Facts) -> Block:
    """Return which entries meet in a sum over plates: places may stay apart."""
    own = {plate.index for plate in node.args[0].plates}
    if not node.shape and inner.block is Block.ELEMENTWISE:
        return Block.SEPARABLE
    if one_place(inner.lags) and {lag.plate for lag in inner.lags} == own:
        return min(inner.block, Block.GROUPED)
    return Block.FULL if node.shape else inner.block


def _over_plate(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a reduction over one index: a sum or mean is linear."""
    inner = prove(node.args[0], names)
    word: str = node.data[0]
    index: str = node.data[1]
    lags = frozenset(Lag(lag.plate, None) if lag.plate == index else lag for lag in inner.lags)
    if word in ("sum", "mean"):
        whole = _summed(node, names)
        block = max(inner.block, Block.SEPARABLE) if len(node.data) == _PLATED else Block.FULL
        return replace(whole, block=block, lags=lags)
    if word not in _RISING:
        return Facts(smoothness=min(inner.smoothness, Smoothness.C0), lags=lags)
    curvature, smooth = _RISING[word]
    rising = Facts(curvature=curvature, smoothness=smooth, monotone=Monotone.INCREASING)
    return replace(compose(rising, inner), block=Block.FULL, lags=lags)


_RISING = {
    "logsumexp": (Curvature.CONVEX, Smoothness.ANALYTIC),
    "max": (Curvature.CONVEX, Smoothness.C0),
    "min": (Curvature.CONCAVE, Smoothness.C0),
}


_PLATED = 2  # a word and a plate; what reduces a dimension says which axis, too


def _called(node: Node, names: frozenset[str]) -> Facts:
    moving = [i for i, arg in enumerate(node.args) if arg.names & names]
    outer = [_within(node, _declared(node, i)) for i in moving]
    inner = [prove(node.args[i], names) for i in moving]
    fixed = frozenset[str]().union(
        *(arg.names for i, arg in enumerate(node.args) if i not in moving)
    )
    if len(moving) == 1:
        whole = _composed(outer[0], node.args[moving[0]], names=names)
    elif node.data.bilinear:
        whole = contracted(*inner, block=_pairing(node, names), count=prod(node.args[0].shape))
    elif node.data.joint is not None:
        whole = compose(_within(node, node.data.joint), reduce(beside, inner))
        aligned = _pairing(node, names) is Block.SEPARABLE
        whole = whole if aligned else replace(whole, block=Block.FULL)
    else:
        whole = several(outer, inner)
    if node.data.bilinear:
        whole = replace(whole, **_dot_bounds(node, names))
    return replace(whole, leading=whole.leading | fixed)


def _dot_bounds(node: Node, names: frozenset[str]) -> dict[str, float]:
    left, right = (prove(arg, names) for arg in node.args)
    whole = contracted(left, right, block=Block.FULL, count=prod(node.args[0].shape))
    return {"low": whole.low, "high": whole.high}


def _composed(outer: Facts, arg: Node, *, names: frozenset[str]) -> Facts:
    """Return the facts of a function of one argument; a total does not stay apart in it."""
    whole = compose(outer, prove(arg, names))
    if _total(arg, names) and not outer.affine:
        return replace(whole, block=Block.FULL)
    return whole


def _declared(node: Node, index: int) -> Facts:
    """Return what a function declares of one argument, between the bounds of that."""
    arg = node.args[index]
    held = _fixed(arg)
    facts: Facts = node.data.on(index, (held.low, held.high), count=prod(arg.shape))
    return facts


def _within(node: Node, declared: Facts) -> Facts:
    """Return what a function declares, if every argument lies where the declaration holds."""
    holds = zip(node.args, node.data.facts, node.data.within, strict=False)
    for arg, own, (low, high) in holds:
        held = _fixed(arg)
        if held.low < low or held.high > high:
            return outside(declared, polynomial=own.degree is not None)
    return declared


def _pairing(node: Node, names: frozenset[str]) -> Block:
    """Return how entries meet where two values are multiplied entry by entry and added."""
    parts = [arg for arg in node.args if arg.names & names]
    paired = all(
        prove(arg, names).block is Block.ELEMENTWISE
        and _in_place(arg, names)
        and arg.shape == parts[0].shape
        for arg in parts
    )
    return Block.SEPARABLE if paired else Block.FULL


def _applied(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a net: layer after layer, or linear in the weights of one layer."""
    net = node.data
    inner = reduce(beside, (prove(arg, names) for arg in node.args))
    whole = reduce(lambda facts, outer: compose(outer, facts), net.facts, inner)
    if not net.names & names:
        return replace(whole, leading=whole.leading | net.names)
    moved = net.weight_facts(inner)
    leading = (net.names - names).union(*(arg.names - names for arg in node.args))
    return replace(moved, leading=leading, lags=inner.lags)


def _derived(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a derivative: one degree and one derivative less.

    A derivative in other variables does not raise the degree in these.
    """
    at = node.data.names
    if any(quantity.role == "free" for quantity in quantities(node.args[0])):
        return Facts(smoothness=Smoothness.STEP)
    joint, alone = prove(node.args[0], names | at), prove(node.args[0], names)
    degree = None if joint.degree is None else max(joint.degree - 1, 0)
    leading = joint.leading | (at - names)
    if degree is not None and alone.degree is not None and not at & names:
        leading = alone.leading | at if alone.degree <= degree else leading
        degree = min(degree, alone.degree)
    degree = None if any(arg.names & names for arg in node.args[1:]) else degree
    if node.data.word == "jacobian_norm":
        return _squared(degree, joint, leading=leading)
    return Facts(
        degree=degree,
        leading=leading,
        curvature=Curvature.AFFINE if degree is not None and degree <= 1 else Curvature.UNKNOWN,
        smoothness=once_less(joint.smoothness),
        block=_derived_block(node, joint),
        lags=joint.lags,
    )


def _squared(degree: int | None, joint: Facts, *, leading: frozenset[str]) -> Facts:
    """Return the facts of a sum of squared derivatives of some degree."""
    affine = degree is not None and degree <= 1
    return Facts(
        degree=None if degree is None else 2 * degree,
        leading=leading,
        curvature=Curvature.CONVEX if affine else Curvature.UNKNOWN,
        smoothness=once_less(joint.smoothness),
        block=Block.FULL,
        lags=joint.lags,
        low=0.0,
    )


def _derived_block(node: Node, joint: Facts) -> Block:
    apart = joint.block <= Block.SEPARABLE and node.data.word == "grad"
    return Block.ELEMENTWISE if apart else Block.FULL


_BY_OP = {
    Op.DRAW: _drawn,
    Op.LIST: _listed,
    Op.STACK: _stacked,
    Op.SHIFT: _shifted,
    Op.SUM_PLATE: _summed,
    Op.OVER_PLATE: _over_plate,
}
