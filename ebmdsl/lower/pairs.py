"""F at many points where no latent has to be found: each one-sided part once, joined last.

With no latent F is E, and E at a point is an expression: what depends on the sample alone, or
on the point alone, is evaluated once for each of these, and only what joins them for pairs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.expr.build import add, const, multiply, variable
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.node import Node, Op, Plate, Quantity, is_free_energy, walk
from ebmdsl.expr.points import Value, moved, replacing
from ebmdsl.expr.rebuild import rebuilt
from ebmdsl.lower.energy import World, evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from ebmdsl.lower.elimination import Asked, Table
    from ebmdsl.lower.inference import Inference

    Values = Mapping[str, Tensor]

MOST = 4


@final
@record
class Side:
    """What takes the place of a variable: a value for each sample, or rows for all samples.

    `table` tells which rows are those of a sample, where these are not all.
    """

    node: Node
    value: Tensor
    table: Table | None = None


def is_plain(inference: Inference, node: Node) -> bool:
    """Tell whether a point is F of variables where there is nothing to infer."""
    model = inference.plan.model
    found = [model.find(name) for name in node.data]
    sampled = all(each is not None and each.quantity.per_sample for each in found)
    return sampled and is_free_energy(node.args[0]) and not inference.plan.eliminations


def free_at(
    inference: Inference,
    node: Node,
    *,
    replaced: Sequence[Tensor],
    values: Values,
    asked: Asked,
) -> Tensor:
    """Return F at the points of a node that `is_plain`, [n or 1, *plates of the node]."""
    sides: list[Side] = []
    given: dict[str, Value] = {}
    alone = sum(bool(arg.plates) for arg in node.args[1:]) == 1
    tables = asked.tables if alone else {}
    for name, arg, x in zip(node.data, node.args[1:], replaced, strict=True):
        declared = inference.plan.model.find(name)
        assert declared is not None
        side = _side(f"{name} there", arg, x=x, tables=tables)
        sides.append(side)
        given[name] = replacing(side.node, declared.shape, plates=declared.plates)
    world = World(elsewhere=inference.plainly, context=asked.context)
    there = split_squares(moved(inference.plan.energy, given, fixed=frozenset()))
    known = {**values, **{side.node.data.name: side.value for side in sides}}
    found = _in_order(evaluate(there, known, world=world), there, node=node)
    for side in sides:
        if side.table is not None:
            found = _own_rows(found, node, side=side, table=side.table)
    return found


def _side(name: str, arg: Node, *, x: Tensor, tables: Mapping[str, Table]) -> Side:
    """Return what takes a variable's place: rows for all samples, or its own values."""
    table = tables.get(arg.data.name) if arg.op is Op.VARIABLE else None
    if table is not None and len(table.rows) <= MOST * arg.plates[0].size:
        first = arg.plates[0]
        rows = Plate(first.index, first.low, len(table.rows))
        return Side(_rows(name, arg, plates=(rows, *arg.plates[1:])), table.rows, table)
    if arg.per_sample and x.shape[0] > 1 and x.stride(0) == 0:
        return Side(_rows(name, arg, plates=arg.plates), x[0])
    role = "negative" if arg.per_sample else "state"
    domain = arg.data.domain if arg.op is Op.VARIABLE else Quantity("", role).domain
    quantity = Quantity(name, role, domain)
    return Side(variable(quantity, arg.shape, plates=arg.plates), x)


def _rows(name: str, arg: Node, *, plates: tuple[Plate, ...]) -> Node:
    """Return rows that are the same for all samples."""
    domain = arg.data.domain if arg.op is Op.VARIABLE else Quantity("", "state").domain
    return variable(Quantity(name, "state", domain), arg.shape, plates=plates)


def _in_order(x: Tensor, there: Node, *, node: Node) -> Tensor:
    """Give F its plates in the order of the node, [n or 1, *plates]."""
    wide = x if there.per_sample else x.unsqueeze(0)
    wide = wide.reshape(wide.shape[: 1 + len(there.plates)])
    held = [plate.index for plate in there.plates]
    asked = [plate.index for plate in node.plates]
    order = [1 + held.index(index) for index in asked if index in held]
    wide = wide.permute(0, *order)
    for at, index in enumerate(asked, 1):
        wide = wide if index in held else wide.unsqueeze(at)
    sizes = [
        p.size if p.index not in held else wide.shape[i + 1] for i, p in enumerate(node.plates)
    ]
    return wide.expand([wide.shape[0], *sizes])


def _own_rows(x: Tensor, node: Node, *, side: Side, table: Table) -> Tensor:
    """Choose from all rows of a table those of each sample."""
    index = side.node.plates[0].index
    axis = 1 + [plate.index for plate in node.plates].index(index)
    n = len(table.index)
    wide = x.expand([n, *x.shape[1:]])
    shape = [1] * wide.dim()
    shape[0], shape[axis] = table.index.shape
    sizes = [*wide.shape]
    sizes[axis] = table.index.shape[1]
    return wide.gather(axis, table.index.reshape(shape).expand(sizes))


def split_squares(node: Node) -> Node:
    r"""Write squared distances of samples to rows as $|a|^2 + 2 a \cdot b + |b|^2$.

    The product of all pairs is then one matrix product, and no difference of a pair is made.
    """
    done: dict[Node, Node] = {}
    for each in walk(node):
        args = tuple(done[arg] for arg in each.args)
        done[each] = _split(rebuilt(each, args))
    return done[node]


def _split(node: Node) -> Node:
    if node.op is not Op.CALL or node.data.word != "sq" or node.args[0].op is not Op.ADD:
        return node
    addends, inner = node.args[0].args, node.args[0]
    rows = tuple(each for each in addends if each.plates and not each.per_sample)
    own = tuple(each for each in addends if not each.plates)
    mixed = len(rows) + len(own) < len(addends)
    if mixed or not rows or not any(each.per_sample for each in own):
        return node
    if any(each.shape != inner.shape for each in addends):
        return node
    a, b = add(*own), add(*rows)
    square = node.data
    return add(call(square, a), call(square, b), multiply(const(2), call(word("dot"), a, b)))
