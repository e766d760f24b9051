"""Prove facts about a node as a function of a set of variables, by composition."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, reduce
from math import inf
from typing import assert_never

from ebmdsl.concepts.facts import (
    Block,
    Curvature,
    Facts,
    Monotone,
    Smoothness,
    add,
    compose,
    constant,
    identity,
    multiply,
    scale,
)
from ebmdsl.expr.node import Node, Op


@lru_cache(maxsize=65536)
def prove(node: Node, names: frozenset[str]) -> Facts:
    """Return what is known of `node` when the variables in `names` move and no other."""
    if not node.names & names:
        return _fixed(node)
    match node.op:
        case Op.CONST:
            return _fixed(node)
        case Op.VARIABLE:
            return identity(low=node.data.domain.low, high=node.data.domain.high)
        case Op.ADD:
            return reduce(add, (prove(arg, names) for arg in node.args))
        case Op.MULTIPLY:
            return _multiplied(node, names)
        case Op.POWER:
            base = prove(node.args[0], names)
            return compose(_power(node.data, base), base)
        case Op.MATMUL:
            return _matmul(node, names)
        case Op.TRANSPOSE | Op.INDEX | Op.STACK:
            return _rearranged(node, names)
        case Op.SHIFT:
            return _shifted(node, names)
        case Op.SUM_PLATE:
            return _summed(node, names)
        case Op.CALL:
            return _called(node, names)
        case Op.APPLY:
            return _applied(node, names)
        case Op.STOP:
            return _fixed(node)
        case Op.COMPARE:
            return Facts(smoothness=Smoothness.STEP, block=_block(node, names), low=0, high=1)
        case Op.SPLIT | Op.POINT:
            return Facts(smoothness=Smoothness.STEP)
        case Op.GRADIENT:
            return _derived(node, names)
        case _:
            assert_never(node.op)


@lru_cache(maxsize=65536)
def _fixed(node: Node) -> Facts:
    """Return the bounds of a node that does not move."""
    if node.op is Op.CONST:
        return constant(low=node.data, high=node.data)
    if node.op is Op.VARIABLE:
        return constant(low=node.data.domain.low, high=node.data.domain.high)
    moved = prove(node, node.names) if node.names and node.op is not Op.STOP else Facts()
    return constant(low=moved.low, high=moved.high)


def _multiplied(node: Node, names: frozenset[str]) -> Facts:
    fixed = [arg for arg in node.args if not arg.names & names]
    moving = [prove(arg, names) for arg in node.args if arg.names & names]
    whole = reduce(lambda left, right: multiply(left, right, block=_joint(left, right)), moving)
    for factor in fixed:
        whole = scale(whole, _fixed(factor), factor.names)
    return whole


def _joint(left: Facts, right: Facts) -> Block:
    elementwise = left.block is Block.ELEMENTWISE and right.block is Block.ELEMENTWISE
    return Block.ELEMENTWISE if elementwise else Block.FULL


def _power(exponent: float, base: Facts) -> Facts:
    """Return the facts of x -> x^exponent on the range of the base."""
    whole = exponent == int(exponent) and exponent > 0
    even = exponent == int(exponent) and int(exponent) % 2 == 0
    smooth = whole or base.low > 0
    return Facts(
        degree=int(exponent) if whole else None,
        curvature=_power_curvature(exponent, base, even=even),
        smoothness=Smoothness.ANALYTIC if smooth else Smoothness.STEP,
        block=Block.ELEMENTWISE,
        monotone=_power_direction(exponent, base),
        low=0 if even or base.nonneg else -inf,
    )


def _power_curvature(exponent: float, base: Facts, *, even: bool) -> Curvature:
    if exponent == 1:
        return Curvature.AFFINE
    if (even and exponent > 0) or (base.nonneg and (exponent > 1 or exponent < 0)):
        return Curvature.CONVEX
    if base.nonneg and 0 < exponent < 1:
        return Curvature.CONCAVE
    return Curvature.UNKNOWN


def _power_direction(exponent: float, base: Facts) -> Monotone:
    odd = exponent == int(exponent) and int(exponent) % 2 == 1
    if base.nonneg:
        return Monotone.INCREASING if exponent > 0 else Monotone.DECREASING
    return Monotone.INCREASING if odd and exponent > 0 else Monotone.NEITHER


def _matmul(node: Node, names: frozenset[str]) -> Facts:
    left, right = node.args
    if left.names & names and right.names & names:
        return multiply(prove(left, names), prove(right, names), block=Block.FULL)
    if right.names & names:
        return _mapped(prove(right, names), left)
    moved = _mapped(prove(left, names), right)
    rows = prove(left, names).block is Block.ELEMENTWISE and not _transposed(left, names)
    return replace(moved, block=Block.GROUPED if rows else Block.FULL)


def _transposed(node: Node, names: frozenset[str]) -> bool:
    if node.op is Op.TRANSPOSE:
        return True
    return any(_transposed(arg, names) for arg in node.args if arg.names & names)


def _mapped(inner: Facts, matrix: Node) -> Facts:
    """Return the facts of a fixed matrix times something that moves."""
    bounds = _fixed(matrix)
    kept = inner.curvature if inner.affine or bounds.nonneg else Curvature.UNKNOWN
    return Facts(
        degree=inner.degree,
        leading=inner.leading | matrix.names,
        curvature=kept,
        smoothness=inner.smoothness,
        block=Block.FULL,
        monotone=inner.monotone if bounds.nonneg else Monotone.NEITHER,
        low=0 if bounds.nonneg and inner.nonneg else -inf,
    )


def _rearranged(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of entries that only change places; an index may move too."""
    parts = [prove(arg, names) for arg in node.args]
    if node.op is Op.INDEX and any(arg.names & names for arg in node.args[1:]):
        return Facts(smoothness=Smoothness.STEP)
    whole = reduce(_beside, parts)
    return replace(whole, leading=whole.leading | _index_names(node))


def _index_names(node: Node) -> frozenset[str]:
    if node.op is not Op.INDEX:
        return frozenset()
    return frozenset[str]().union(*(arg.names for arg in node.args[1:]))


def _beside(left: Facts, right: Facts) -> Facts:
    joined = add(left, right)
    low, high = min(left.low, right.low), max(left.high, right.high)
    return replace(joined, low=low, high=high)


def _shifted(node: Node, names: frozenset[str]) -> Facts:
    return prove(node.args[0], names)


def _summed(node: Node, names: frozenset[str]) -> Facts:
    inner = prove(node.args[0], names)
    block = Block.SEPARABLE if inner.block is Block.ELEMENTWISE else inner.block
    return compose(
        Facts(
            degree=1,
            curvature=Curvature.AFFINE,
            block=Block.ELEMENTWISE,
            monotone=Monotone.INCREASING,
            low=0 if inner.nonneg else -inf,
        ),
        replace(inner, block=block),
    )


def _called(node: Node, names: frozenset[str]) -> Facts:
    moving = [i for i, arg in enumerate(node.args) if arg.names & names]
    outer = [node.data.seen_by(i) for i in moving]
    inner = [prove(node.args[i], names) for i in moving]
    fixed = frozenset[str]().union(
        *(arg.names for i, arg in enumerate(node.args) if i not in moving)
    )
    if len(moving) == 1:
        whole = compose(outer[0], inner[0])
        return replace(whole, leading=whole.leading | fixed)
    if node.data.bilinear:
        return multiply(*inner, block=_pairing(inner))
    if node.data.joint is not None:
        whole = compose(node.data.joint, reduce(_beside, inner))
        return replace(whole, leading=whole.leading | fixed)
    return Facts(
        smoothness=min(each.smoothness for each in (*outer, *inner)),
        low=max(each.low for each in outer),
        high=min(each.high for each in outer),
    )


def _pairing(inner: list[Facts]) -> Block:
    elementwise = all(each.block is Block.ELEMENTWISE for each in inner)
    return Block.SEPARABLE if elementwise else Block.FULL


def _applied(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a net: layer after layer, or linear in the weights of one layer."""
    inner = reduce(_beside, (prove(arg, names) for arg in node.args))
    weighted = node.data.name in names
    if weighted:
        return node.data.weight_facts(moving=not inner.constant)
    whole = reduce(lambda facts, outer: compose(outer, facts), node.data.facts, inner)
    return replace(whole, leading=whole.leading | {node.data.name})


def _block(node: Node, names: frozenset[str]) -> Block:
    return max(prove(arg, names).block for arg in node.args)


def _derived(node: Node, names: frozenset[str]) -> Facts:
    """Return the facts of a derivative: one degree and one derivative less."""
    inner = prove(node.args[0], names | node.data.names)
    lower = None if inner.degree is None else max(inner.degree - 1, 0)
    smooth = inner.smoothness
    less = smooth if smooth is Smoothness.ANALYTIC else Smoothness(max(smooth - 1, 0))
    return Facts(
        degree=lower,
        leading=inner.leading,
        curvature=Curvature.AFFINE if lower is not None and lower <= 1 else Curvature.UNKNOWN,
        smoothness=less,
    )

