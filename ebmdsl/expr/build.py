"""Smart constructors: every node they return is in normal form.

Equal energies written differently come out as the same node: sums and products are flat,
sorted and collected; numbers move to the front; transposes move to the leaves; a matrix
common to several addends is factored out.
"""

from __future__ import annotations

from functools import reduce
from math import prod
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.shape import Misfit, Shape, is_scalar, joined, show
from ebmdsl.expr.node import Node, Op, Plate, Quantity, make

if TYPE_CHECKING:
    from collections.abc import Iterable


@final
class ShapeError(Exception):
    """Shapes that cannot meet; the checker turns it into a diagnostic with spans."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        Exception.__init__(self, reason)
        self.reason = reason
        self.remedy = remedy


@final
class UndefinedError(Exception):
    """An operation on numbers has no value, such as a division by zero."""

    def __init__(self, reason: str) -> None:
        Exception.__init__(self, reason)
        self.reason = reason


def fitted(shape: Shape | Misfit) -> Shape:
    """Return the shape, or raise `ShapeError` with the reason why there is none."""
    if isinstance(shape, Misfit):
        raise ShapeError(shape.reason, shape.remedy)
    return shape


def const(value: float, shape: Shape = ()) -> Node:
    """Return a number, the same in every entry of `shape`."""
    return make(Op.CONST, (), data=snapped(value), shape=shape)


def snapped(value: float) -> float:
    """Return a number without the rounding of its last digits: 0.1 + 0.2 is 0.3."""
    short = float(f"{value:.12g}")
    return short if abs(value - short) <= _ROUNDING * abs(value) else float(value)


_ROUNDING = 4e-16


def variable(quantity: Quantity, shape: Shape, *, plates: tuple[Plate, ...] = ()) -> Node:
    """Return the value of a variable at the current sample."""
    return make(Op.VARIABLE, (), data=quantity, shape=shape, plates=plates)


def is_const(node: Node, value: float | None = None) -> bool:
    """Tell whether a node is a number (this number)."""
    return node.op is Op.CONST and value in (None, node.data)


def joined_plates(args: Iterable[Node]) -> tuple[Plate, ...]:
    """Return the plates of an operation on these nodes; they must agree where they share."""
    plates: dict[str, Plate] = {}
    for plate in (plate for arg in args for plate in arg.plates):
        known = plates.setdefault(plate.index, plate)
        if known.size != plate.size:
            raise ShapeError(
                f"plate `{plate.index}` has {known.size} values here and {plate.size} there"
            )
    return tuple(plates.values())


def coefficient(node: Node) -> tuple[float, Node]:
    """Split a node into a number and the rest: `3 * u` is (3, u)."""
    if node.op is not Op.MULTIPLY or not is_const(node.args[0]):
        return 1.0, node
    number, *rest = node.args
    base = rest[0] if len(rest) == 1 else _product(tuple(rest))
    if base.shape != node.shape:
        base = _product((const(1, node.shape), *rest))
    return number.data, base


def primitive(node: Node) -> tuple[float, Node]:
    """Split off the number that makes the first addend's coefficient one."""
    if node.op is not Op.ADD:
        return coefficient(node)
    first = next((arg for arg in node.args if not is_const(arg)), node.args[0])
    lead = first.data if is_const(first) else coefficient(first)[0]
    if lead in (0, 1):
        return 1.0, node
    parts = [coefficient(arg) for arg in node.args]
    return lead, _sum([_divided(*part, by=lead) for part in parts], node.shape)


def _divided(factor: float, base: Node, *, by: float) -> Node:
    return const(base.data / by, base.shape) if is_const(base) else scaled(factor / by, base)


def addends(node: Node) -> tuple[Node, ...]:
    """List the addends of a node; a node that is no sum is its own addend."""
    return node.args if node.op is Op.ADD else (node,)


def add(*args: Node) -> Node:
    """Return the sum, collected: like addends are merged, common matrices factored out."""
    shape = reduce(_joined_or_raise, (arg.shape for arg in args))
    flat = [addend for arg in args for addend in addends(arg)]
    collected: dict[Node, float] = {}
    number = 0.0
    for addend in flat:
        if is_const(addend):
            number += addend.data
            continue
        factor, base = coefficient(addend)
        collected[base] = snapped(collected.get(base, 0.0) + factor)
    parts = [scaled(factor, base) for base, factor in collected.items() if factor != 0]
    parts = [part for part in _factored(parts) if not is_const(part, 0)]
    if number != 0 or not parts:
        parts.append(const(number, () if parts else shape))
    return _sum(parts, shape)


def _sum(parts: list[Node], shape: Shape) -> Node:
    if len(parts) == 1 and parts[0].shape == shape:
        return parts[0]
    ordered = tuple(sorted(parts, key=_base_key))
    return make(Op.ADD, ordered, shape=shape, plates=joined_plates(ordered))


def _base_key(node: Node) -> tuple[bool, str]:
    return is_const(node), coefficient(node)[1].key


def _joined_or_raise(left: Shape, right: Shape) -> Shape:
    return fitted(joined(left, right))


def _factored(parts: list[Node]) -> list[Node]:
    """Factor out the matrices, then the vectors, that products among the addends share."""
    products = [part for part in parts if coefficient(part)[1].op is Op.MATMUL]
    if len(products) < 2:
        return parts
    rest = [part for part in parts if part not in products]
    pairs = [pair for part in products for pair in _pairs(part)]
    lefts = [(left, _total(rights)) for left, rights in _grouped(pairs)]
    rights = _grouped([(right, left) for left, right in lefts])
    return rest + [matmul(_total(found), right) for right, found in rights]


def _pairs(product: Node) -> list[tuple[Node, Node]]:
    """Multiply a product of sums out; the number goes to the right."""
    factor, base = coefficient(product)
    left, right = base.args
    return [(one, scaled(factor, other)) for one in _parts(left) for other in _parts(right)]


def _parts(node: Node) -> tuple[Node, ...]:
    """List the addends that have the shape of their sum, or the node itself."""
    whole = all(part.shape == node.shape for part in addends(node))
    return addends(node) if whole else (node,)


def _grouped(pairs: list[tuple[Node, Node]]) -> list[tuple[Node, list[Node]]]:
    """Collect what stands beside equal nodes; numbers in front of them move over."""
    groups: dict[Node, list[Node]] = {}
    for node, beside in pairs:
        factor, base = primitive(node)
        groups.setdefault(base, []).append(scaled(factor, beside))
    return list(groups.items())


def _total(nodes: list[Node]) -> Node:
    return add(*nodes) if len(nodes) > 1 else nodes[0]


def scaled(factor: float, node: Node) -> Node:
    """Return a number times a node; the number goes into every addend of a sum."""
    if factor == 1:
        return node
    if factor == 0:
        return const(0, node.shape)
    if is_const(node):
        return const(factor * node.data, node.shape)
    if node.op is Op.ADD:
        return _sum([scaled(factor, arg) for arg in node.args], node.shape)
    known, base = coefficient(node)
    number = snapped(factor * known)
    if number == 1:
        return base
    inside = base.args if base.op is Op.MULTIPLY else (base,)
    if is_const(inside[0]):
        return _product((const(number, base.shape), *inside[1:]))
    return _product((const(number), *inside))


def _product(factors: tuple[Node, ...]) -> Node:
    shape = reduce(_joined_or_raise, (factor.shape for factor in factors))
    if is_const(factors[0], 0):
        return const(0, shape)
    return make(Op.MULTIPLY, factors, shape=shape, plates=joined_plates(factors))


def negative(node: Node) -> Node:
    """Return minus a node."""
    return scaled(-1.0, node)


def subtract(left: Node, right: Node) -> Node:
    """Return the difference."""
    return add(left, negative(right))


def multiply(*args: Node) -> Node:
    """Return the elementwise product; a scalar goes into the addends of a scalar sum."""
    shape = reduce(_joined_or_raise, (arg.shape for arg in args))
    number = prod(arg.data for arg in args if is_const(arg))
    rest = [arg for arg in args if not is_const(arg)]
    if not rest:
        return const(number, shape)
    spread = _spread(rest)
    if spread is not None:
        return scaled(number, spread)
    flat = [part for arg in rest for part in _factors(arg)]
    powers = [part for power in _powers(flat) for part in _factors(power)]
    number *= prod(part.data for part in (*flat, *powers) if is_const(part))
    kept = [part for part in powers if not is_const(part)]
    ordered = tuple(sorted(kept, key=lambda part: (not is_scalar(part.shape), part.key)))
    base = ordered[0] if len(ordered) == 1 else _product(ordered)
    return scaled(number, base if base.shape == shape else _spread_out(base, shape))


def _spread_out(base: Node, shape: Shape) -> Node:
    """Return a value of a smaller shape, the same in every entry of `shape`."""
    return _product((const(1, shape), *_factors(base)))


def _factors(node: Node) -> tuple[Node, ...]:
    return node.args if node.op is Op.MULTIPLY else (node,)


def _spread(args: list[Node]) -> Node | None:
    """Distribute scalars over one sum of scalars among the factors."""
    if len(args) < 2 or not all(is_scalar(arg.shape) for arg in args):
        return None
    total = next((arg for arg in args if arg.op is Op.ADD), None)
    if total is None:
        return None
    others = list(args)
    others.remove(total)
    return add(*(multiply(*others, addend) for addend in total.args))


def _powers(factors: list[Node]) -> list[Node]:
    exponents: dict[Node, float] = {}
    for factor in factors:
        if is_const(factor):
            continue
        base, exponent = _base_exponent(factor)
        exponents[base] = exponents.get(base, 0.0) + exponent
    return [power(base, exponent) for base, exponent in exponents.items()]


def _base_exponent(node: Node) -> tuple[Node, float]:
    if node.op is Op.POWER and node.data > 0:
        return node.args[0], node.data
    return (node, 1.0)


def power(base: Node, exponent: float) -> Node:
    """Return a node to a constant power."""
    if exponent == 1:
        return base
    if exponent == 0:
        return const(1, base.shape)
    if is_const(base):
        return const(_number_power(base.data, exponent), base.shape)
    factor, rest = primitive(base)
    if factor != 1 and (factor > 0 or exponent == int(exponent)):
        return scaled(factor**exponent, power(rest, exponent))
    if base.op is Op.POWER and base.data == int(base.data) and exponent == int(exponent):
        return power(base.args[0], base.data * exponent)
    return make(Op.POWER, (base,), data=float(exponent), shape=base.shape, plates=base.plates)


def _number_power(base: float, exponent: float) -> float:
    try:
        value = base**exponent
    except (ZeroDivisionError, OverflowError):
        value = 1j
    if isinstance(value, complex):
        raise UndefinedError(f"{base:g} to the power {exponent:g} is no number")
    return value


def divide(left: Node, right: Node) -> Node:
    """Return the elementwise quotient."""
    if is_const(right):
        if right.data == 0:
            raise UndefinedError("a division by zero is no number")
        if is_const(left):
            return const(left.data / right.data, _joined_or_raise(left.shape, right.shape))
    return multiply(left, power(right, -1.0))


def transpose(node: Node) -> Node:
    """Return the transpose of a matrix; a vector is its own transpose."""
    if len(node.shape) < 2:
        return node
    shape = (*node.shape[:-2], node.shape[-1], node.shape[-2])
    match node.op:
        case Op.TRANSPOSE:
            return node.args[0]
        case Op.CONST:
            return const(node.data, shape)
        case Op.ADD:
            return add(*(transpose(arg) for arg in node.args))
        case Op.MULTIPLY:
            return multiply(*(transpose(arg) for arg in node.args))
        case Op.MATMUL if len(node.args[1].shape) == 2:
            return matmul(transpose(node.args[1]), transpose(node.args[0]))
        case _:
            return make(Op.TRANSPOSE, (node,), shape=shape, plates=node.plates)


def matmul(left: Node, right: Node) -> Node:
    """Return the product of a matrix with a matrix or a vector; a row goes to the right."""
    shape = matmul_shape(left.shape, right.shape)
    outside = [*scalars(left), *scalars(right)]
    if outside:
        left, right = (_without(side, outside) for side in (left, right))
        return multiply(*outside, matmul(left, right))
    if is_const(left, 0) or is_const(right, 0):
        return const(0, shape)
    if len(left.shape) == 1 and len(right.shape) == 2:
        return matmul(transpose(right), left)
    if left.op is Op.MATMUL and len(right.shape) == 1:
        return matmul(left.args[0], matmul(left.args[1], right))
    plates = joined_plates((left, right))
    return make(Op.MATMUL, (left, right), shape=shape, plates=plates)


def scalars(node: Node) -> tuple[Node, ...]:
    """List the scalar factors in front of a product that is no scalar itself."""
    if node.op is not Op.MULTIPLY or is_scalar(node.shape):
        return ()
    return tuple(arg for arg in node.args if is_scalar(arg.shape))


def _without(node: Node, outside: list[Node]) -> Node:
    if node.op is not Op.MULTIPLY:
        return node
    return multiply(*(arg for arg in node.args if arg not in outside))


def matmul_shape(left: Shape, right: Shape) -> Shape:
    """Return the shape of `left @ right` on per-sample shapes, or raise `ShapeError`."""
    if not left or not right or len(left) > 2 or len(right) > 2:
        raise ShapeError(
            f"`@` joins vectors and matrices, not {show(left)} and {show(right)}",
            "use `*` for a scalar",
        )
    inner, outer = left[-1:], right[:1]
    if inner != outer:
        sizes = f"the inner sizes {show(inner)} and {show(outer)} differ"
        raise ShapeError(f"{show(left)} @ {show(right)}: {sizes}")
    return (*left[:-1], *right[1:])
