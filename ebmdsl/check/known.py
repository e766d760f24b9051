"""Where the value of F is needed, and where its gradient is enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.method_mistakes import ValueUnknown
from ebmdsl.expr.node import Node, Op, is_free_energy, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Infer, Model
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.text import Span

    Need = tuple[Node, Node]  # F, and what is computed from its value

AVERAGES = ("sum", "mean")
LINEAR = (Op.ADD, Op.SUM_PLATE, Op.SHIFT, Op.STACK, Op.INDEX)


def check_known(model: Model, found: Diagnostics) -> None:
    """Report values of F that nobody knows: those of a model whose latents are drawn."""
    drawn = [each for each in model.infers if each.ring == "sample" and each.kind == "infer"]
    if not drawn:
        return
    for measure in (*model.reports, *model.expects):
        needed = ((each, measure.node) for each in _inside(measure.node))
        _report(model, found, needed=needed, around=measure.span, drawn=drawn[0])
    for train in model.trains:
        if train.objective is not None:
            needed = _needed(train.objective)
            _report(model, found, needed=needed, around=train.span, drawn=drawn[0])


def _report(
    model: Model, found: Diagnostics, *, needed: Iterator[Need], around: Span, drawn: Infer
) -> None:
    for node, user in dict.fromkeys(needed):
        users = [each for each in model.origins.get(user, ()) if _holds(around, each)]
        places = model.origins.get(node, ())
        inside = [each for each in places if any(_holds(use, each) for use in users)]
        span = next(iter((*inside, *places)), around)
        found.report(ValueUnknown(span, drawn.names[0], drawn.span))


def _holds(around: Span, span: Span) -> bool:
    same = around.source is span.source
    return same and around.start <= span.start and span.end <= around.end


def _needed(node: Node) -> Iterator[Need]:
    """Yield F wherever a gradient needs its value: under anything that is not linear in it."""
    if _is_free(node) or node.op is Op.GRADIENT:
        return
    if _is_linear(node):
        for arg in node.args:
            yield from _needed(arg)
    else:
        yield from ((each, node) for each in _inside(node))


def _is_linear(node: Node) -> bool:
    match node.op:
        case Op.MULTIPLY:
            return sum(any(_inside(arg)) for arg in node.args) <= 1
        case Op.OVER_PLATE:
            return node.data[0] in AVERAGES
        case _:
            return node.op in LINEAR


def _inside(node: Node) -> Iterator[Node]:
    """Yield F and F at other points, below and including a node; a derivative is known."""
    seen: set[Node] = set()
    pending = [node]
    while pending:
        each = pending.pop()
        if each in seen or each.op is Op.GRADIENT:
            continue
        seen.add(each)
        if _is_free(each):
            yield each
        else:
            pending.extend(each.args)


def _is_free(node: Node) -> bool:
    """Tell whether a node is F, at the sample or at another point."""
    if node.op is Op.POINT:
        return bool(node.args) and any(is_free_energy(each) for each in walk(node.args[0]))
    return is_free_energy(node)
