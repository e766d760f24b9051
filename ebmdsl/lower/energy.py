"""Evaluate expressions on tensors: one pass over the DAG, every node once.

Values that depend on a sample are [n, *plates, *event]; all others have no batch axis and
are computed once for the whole batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import permutations
from math import prod
from typing import TYPE_CHECKING, Protocol, assert_never, final

import torch
from torch import Tensor

from ebmdsl._record import record
from ebmdsl.concepts.context import Context
from ebmdsl.concepts.pipes import below
from ebmdsl.concepts.shape import is_scalar
from ebmdsl.expr.node import Node, Op, quantities
from ebmdsl.lower.derivatives import Axes, derivative
from ebmdsl.lower.plates import of_plates

if TYPE_CHECKING:
    from collections.abc import Sequence

Values = Mapping[str, Tensor]

_COMPARISONS = {
    "<": torch.lt,
    ">": torch.gt,
    "<=": torch.le,
    ">=": torch.ge,
    "==": torch.eq,
    "!=": torch.ne,
}
EVAL = Context()
KEPT = 1024


class Free(Protocol):
    """F, [n], as a function of all values and of what was found there."""

    def __call__(self, values: Values) -> Tensor:
        """Return it with what was found held as it is."""
        ...

    def near(self, values: Values) -> Free:
        """Return it near these values, where what was found follows them."""
        ...


class Elsewhere(Protocol):
    """What has a value at another point of a model."""

    def __call__(self, node: Node, replaced: Sequence[Tensor], *, values: Values) -> Tensor:
        """Return the value of a `POINT`; `replaced` are the values that it is given."""
        ...


@final
@record
class World:
    """What expressions ask for beyond values: F anew, other points, what layers may know.

    `free` gives F, [n], at other values that hold what was found there: a derivative of F
    asks for it.
    """

    free: Free | None = None
    elsewhere: Elsewhere | None = None
    context: Context = EVAL


PLAIN = World()


def evaluate(node: Node, values: Values, *, world: World = PLAIN) -> Tensor:
    """Return the value of a node; `values` holds every variable and weight it depends on.

    Weights of a net are named `net.layer.weight`. Raises KeyError for a missing variable.
    """
    return evaluate_all((node,), values, world=world)[0]


def evaluate_all(
    nodes: Sequence[Node], values: Values, *, world: World = PLAIN
) -> list[Tensor]:
    """Return the values of several nodes; what they share is computed once."""
    known: dict[Node, Tensor] = {}
    for each in dict.fromkeys(piece for node in nodes for piece in _here(node)):
        args = [known[arg] for arg in _own(each)]
        known[each] = _value(each, args, values=values, world=world)
    return [known[node] for node in nodes]


@lru_cache(maxsize=KEPT)
def _here(node: Node) -> tuple[Node, ...]:
    """List what is evaluated at the sample itself, arguments first.

    A derivative and a value at a point evaluate what they are of by themselves; a statistic
    of the training split is known by the key of its node.
    """
    seen: dict[Node, None] = {}
    pending = [(node, False)]
    while pending:
        each, ready = pending.pop()
        if ready:
            seen[each] = None
        elif each not in seen:
            pending.append((each, True))
            pending.extend((arg, False) for arg in reversed(_own(each)))
    return tuple(seen)


def _own(node: Node) -> tuple[Node, ...]:
    """Return the arguments that have a value at the sample itself."""
    if node.op is Op.SPLIT:
        return ()
    return node.args[1:] if node.op in (Op.GRADIENT, Op.POINT) else node.args


def _value(node: Node, args: list[Tensor], *, values: Values, world: World) -> Tensor:
    match node.op:
        case Op.CONST:
            return _constant(node, values)
        case Op.VARIABLE:
            return values[node.data.name]
        case Op.ADD:
            return _summed(_aligned(node, args))
        case Op.MULTIPLY:
            return _multiplied(_aligned(node, args))
        case Op.POWER:
            return _power(args[0], node.data)
        case Op.MATMUL:
            return _matmul(node, args[0], right=args[1])
        case Op.TRANSPOSE:
            return args[0].mT
        case Op.CALL | Op.INDEX | Op.NLL | Op.LIST:
            return _JOINED[node.op](node, args)
        case Op.APPLY:
            return _applied(node, args, values=values, context=world.context)
        case Op.SHIFT | Op.STACK | Op.SUM_PLATE | Op.OVER_PLATE:
            return of_plates(node, args[0])
        case Op.COMPARE:
            return _compared(node, _aligned(node, args))
        case Op.STOP:
            return args[0].detach()
        case Op.GRADIENT:
            return _derived(node, args, values=values, world=world)
        case Op.BATCH:
            return args[0].movedim(0, len(node.plates))
        case Op.POINT:
            return _at_point(node, args, values=values, world=world)
        case Op.FREE:
            return node.data.value(values)
        case Op.SPLIT:
            return values[node.key]
        case Op.DRAW:
            raise NotImplementedError("a draw is known before a step")
        case _:
            assert_never(node.op)


def _compared(node: Node, args: list[Tensor]) -> Tensor:
    left, right = args
    dtype = left.dtype if left.is_floating_point() else torch.get_default_dtype()
    return _COMPARISONS[node.data](left, right).to(dtype)


def _constant(node: Node, values: Values) -> Tensor:
    like = next((v for v in values.values() if v.is_floating_point()), None)
    dtype = torch.get_default_dtype() if like is None else like.dtype
    device = None if like is None else like.device
    return torch.full(node.shape, node.data, dtype=dtype, device=device)


def _aligned(node: Node, args: list[Tensor]) -> list[Tensor]:
    """Give every argument the axes of the result; only scalars and plates broadcast."""
    return [_lifted(node, arg, x=x) for arg, x in zip(node.args, args, strict=True)]


def _lifted(node: Node, arg: Node, *, x: Tensor) -> Tensor:
    if arg.plates == node.plates and arg.shape == node.shape:
        if arg.per_sample or not node.per_sample:
            return x
        return x.unsqueeze(0)
    held = {plate.index for plate in arg.plates}
    batch = [x.shape[0]] if arg.per_sample else [1] if node.per_sample else []
    plates = [plate.size if plate.index in held else 1 for plate in node.plates]
    spread = is_scalar(arg.shape) and arg.shape != node.shape
    event = [1] * len(node.shape) if spread else list(arg.shape)
    return x.reshape(batch + plates + event)


def _summed(args: list[Tensor]) -> Tensor:
    total = args[0]
    for arg in args[1:]:
        total = total + arg
    return total


def _multiplied(args: list[Tensor]) -> Tensor:
    total = args[0]
    for arg in args[1:]:
        total = total * arg
    return total


def _power(base: Tensor, exponent: float) -> Tensor:
    if exponent == 2:
        return base.square()
    whole = exponent == int(exponent)
    return base.pow(int(exponent)) if whole else base.pow(exponent)


def _matmul(node: Node, left: Tensor, *, right: Tensor) -> Tensor:
    first, second = node.args
    vector = len(second.shape) == 1
    if not first.per_sample and not first.plates:
        return right @ left.mT if vector else left @ right
    left, right = _batched(node, first, x=left), _batched(node, second, x=right)
    if vector:
        return (left @ right.unsqueeze(-1)).squeeze(-1)
    return left @ right


def _batched(node: Node, arg: Node, *, x: Tensor) -> Tensor:
    """Give a matrix or a vector the batch and plate axes of a product."""
    held = {plate.index for plate in arg.plates}
    batch = [x.shape[0]] if arg.per_sample else [1] if node.per_sample else []
    plates = [plate.size if plate.index in held else 1 for plate in node.plates]
    return x.reshape([*batch, *plates, *arg.shape])


def _called(node: Node, args: list[Tensor]) -> Tensor:
    if node.data.word == "dot" and (paired := _paired(node, args)) is not None:
        return paired
    lead = _lead(node, args)
    flat = [_flat(node, arg, x=x, lead=lead) for arg, x in zip(node.args, args, strict=True)]
    value = node.data.value(*flat)
    return value.reshape([*lead, *node.shape])


def _paired(node: Node, args: list[Tensor]) -> Tensor | None:
    """Return the products of samples with rows that all share: one matrix product."""
    for (own, x), (rows, y) in permutations(zip(node.args, args, strict=True)):
        if own.per_sample and not own.plates and not rows.per_sample and rows.plates:
            products = x.flatten(1) @ y.reshape(-1, x[0].numel()).mT
            return products.reshape(_lead(node, args))
    return None


def _lead(node: Node, args: list[Tensor]) -> list[int]:
    """Return the batch and plate axes of a node's value."""
    batch = [x.shape[0] for arg, x in zip(node.args, args, strict=True) if arg.per_sample]
    return [*batch[:1], *(plate.size for plate in node.plates)]


def _flat(node: Node, arg: Node, *, x: Tensor, lead: list[int]) -> Tensor:
    """Fold batch and plates into the one leading axis that a concept's method sees."""
    batch = [x.shape[0]] if arg.per_sample else [1] if node.per_sample else []
    held = {plate.index for plate in arg.plates}
    plates = [plate.size if plate.index in held else 1 for plate in node.plates]
    event = [int(size) for size in arg.shape]
    if batch + plates == lead:
        return x.reshape([-1 if batch else prod(plates), *event])
    wide = x.reshape([*batch, *plates, *event]).expand([*lead, *event])
    return wide.reshape([-1, *event]) if batch else wide.reshape([prod(lead), *event])


def _applied(node: Node, args: list[Tensor], *, values: Values, context: Context) -> Tensor:
    lead, net = _lead(node, args), node.data
    flat = [_flat(node, arg, x=x, lead=lead) for arg, x in zip(node.args, args, strict=True)]
    x = flat[0] if len(flat) == 1 else torch.cat([each.flatten(1) for each in flat], 1)
    weights = {name: values[f"{net.name}.{name}"] for name, _ in net.weights}
    context = replace(context, shared=_shared(net.name, values)) if net.made_of else context
    out = net.pipe.apply(x.reshape([x.shape[0], *net.input]), weights, context=context)
    return out.reshape([*lead, *node.shape])


def _shared(net: str, values: Values) -> Values:
    """Return where a net finds the weights of the nets inside: those of a used model there."""
    model = net.rpartition(".")[0]
    return below(model, values) if model else values


def _listed(node: Node, args: list[Tensor]) -> Tensor:
    lead = _lead(node, args)
    rows = [
        _batched(node, arg, x=x).expand([*lead, *arg.shape])
        for arg, x in zip(node.args, args, strict=True)
    ]
    return torch.stack(rows, len(lead))


def _surprise(node: Node, args: list[Tensor]) -> Tensor:
    """Add up minus the log density of every entry."""
    event = len(node.args[0].shape)
    wide = [_wide(node, a, x=x, event=event) for a, x in zip(node.args, args, strict=True)]
    value: Tensor = node.data.law.surprise(*wide)
    return value.flatten(value.dim() - event).sum(-1) if event else value


def _wide(node: Node, arg: Node, *, x: Tensor, event: int) -> Tensor:
    """Give a value the batch, plate and event axes of a likelihood."""
    held = _batched(node, arg, x=x)
    lead = held.dim() - len(arg.shape)
    ones = [1] * (event - len(arg.shape))
    return held.reshape([*held.shape[:lead], *ones, *arg.shape])


def _at_point(node: Node, args: list[Tensor], *, values: Values, world: World) -> Tensor:
    if node.key in values:
        return values[node.key]
    if world.elsewhere is None:
        raise NotImplementedError("other points belong to a model, and none is at hand")
    return world.elsewhere(node, args, values=values)


def _indexed(node: Node, args: list[Tensor]) -> Tensor:
    base, at = args[0], node.data
    axis = base.dim() - len(node.args[0].shape) + at.axis
    if len(args) > 1:
        return _gathered(node, base, chosen=args[1])
    if at.high is None:
        return base.select(axis, at.low)
    return base.narrow(axis, at.low, at.high - at.low + 1)


def _gathered(node: Node, base: Tensor, *, chosen: Tensor) -> Tensor:
    """Select one entry of a dimension for every token."""
    held = node.args[0]
    if node.data.axis:
        raise NotImplementedError("a token selects in the first dimension only")
    apart = not {*held.plates} & {*node.args[1].plates}
    if not held.per_sample and apart:
        return _looked_up(node, base, chosen=chosen)
    index = _batched(node, node.args[1], x=chosen).long()
    rows = _batched(node, held, x=base)
    at = index.reshape([*index.shape, *[1] * len(held.shape)])
    axis = rows.dim() - len(held.shape)
    at = at.expand([*at.shape[: axis + 1], *held.shape[1:]])
    lead = torch.broadcast_shapes(rows.shape[:axis], at.shape[:axis])
    rows = rows.expand([*lead, *rows.shape[axis:]])
    return rows.gather(axis, at.expand([*lead, *at.shape[axis:]])).squeeze(axis)


def _looked_up(node: Node, base: Tensor, *, chosen: Tensor) -> Tensor:
    """Select from one table for all samples and places; its slope is as small as the table."""
    held, at = node.args
    axis = len(held.plates)
    rows = base.index_select(axis, chosen.long().reshape(-1)).unflatten(axis, chosen.shape)
    rows = rows.movedim(axis, 0) if at.per_sample else rows
    first = 1 if at.per_sample else 0
    stands = [plate.index for plate in (*held.plates, *at.plates)]
    order = [first + stands.index(plate.index) for plate in node.plates]
    rest = range(first + len(stands), rows.dim())
    return rows.permute([*range(first), *order, *rest])


def _derived(node: Node, args: list[Tensor], *, values: Values, world: World) -> Tensor:
    """Return a derivative as forward code."""
    (name,) = node.data.names
    inner, x = node.args[0], values[name]
    inside = replace(world, context=world.context.elsewhere())
    free = world.free if any(each.name == "F" for each in quantities(inner)) else None
    if free is not None:
        free = free.near(values)
        inside = replace(inside, free=free)

    def function(x: Tensor) -> Tensor:
        known = {**values, name: x}
        if free is not None:
            known["F"] = free(known)
        return evaluate(inner, known, world=inside)

    along = args[0] if args else None
    word: str = node.data.word
    return derivative(word, function, x=x, axes=_axes(node, x), along=along)


def _axes(node: Node, x: Tensor) -> Axes:
    """Tell the axes of a value and of the variable that it is differentiated by."""
    inner, of_sample = node.args[0], node.data.per_sample
    plates = tuple(plate.size for plate in inner.plates)
    inside = tuple(int(size) for size in inner.shape)
    entries = tuple(x.shape[1 if of_sample else 0 :])
    return Axes(inner.per_sample, of_sample, plates, inside=inside, entries=entries)


_JOINED = {Op.CALL: _called, Op.INDEX: _indexed, Op.NLL: _surprise, Op.LIST: _listed}
