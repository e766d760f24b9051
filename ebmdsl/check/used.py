"""Values of a used model: `dict.W`, `dict(y).z`, `dict.photos |> dict.zhat`; all are frozen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.check.here import Here, positional, value
from ebmdsl.check.mistakes import ShapeMismatch, UnknownName, WrongArguments
from ebmdsl.check.model import Block, Data, Declared, Net, Term, Used
from ebmdsl.check.plates import unindexed, whole_node
from ebmdsl.concepts.domain import REAL
from ebmdsl.concepts.shape import is_scalar, show
from ebmdsl.expr.build import joined_plates, variable
from ebmdsl.expr.node import Node, Op, Quantity, make
from ebmdsl.expr.points import point, spread
from ebmdsl.source.diagnostic import Label
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.model import Model

Part = Declared | Block | Term | Data | Net


def used(here: Here, expr: ast.Expr) -> Used | None:
    """Return the used model that a name stands for, if it stands for one."""
    if not isinstance(expr, ast.Name) or expr.text in here.local.values:
        return None
    bound = here.scope.get(expr.text)
    return bound if isinstance(bound, Used) else None


def constant(here: Here, expr: ast.Attr, *, model: Used) -> Node:
    """Return `dict.W`: what does not depend on a sample has one value."""
    part = _part(here, expr.name, model=model)
    name = f"{model.name}.{expr.name.text}"
    if isinstance(part, Declared) and part.role in ("param", "state"):
        return unindexed(_constant(name, whole_node(part)))
    if isinstance(part, Data):
        field = part.main
        return variable(Quantity(f"{name}.{field.name}", "given"), field.shape)
    if isinstance(part, Block | Term) and not part.node.per_sample:
        return unindexed(_constant(name, part.node))
    reason = f"`{name}` depends on a sample of `{model.name}`, so say on which"
    remedy = f"as `{model.name}(y).{expr.name.text}`"
    raise here.reject(WrongArguments(expr.span, reason, remedy))


def at_sample(here: Here, expr: ast.Attr, *, call: ast.Call, model: Used) -> Node:
    """Return `dict(y).z`: what the used model makes of a sample."""
    given = _given(here, call, model=model)
    name = f"{model.name}.{expr.name.text}"
    if expr.name.text in ("E", "F"):
        inner = variable(Quantity(name, "constant"), ())
        return point(inner, given)
    part = _part(here, expr.name, model=model)
    if isinstance(part, Net | Data):
        reason = f"`{name}` is no value of a sample"
        raise here.reject(WrongArguments(expr.span, reason, f"write `{name}`"))
    node = part.node if isinstance(part, Block | Term) else whole_node(part)
    return unindexed(point(_constant(name, node), given))


def applied(here: Here, call: ast.Call, *, expr: ast.Attr, model: Used) -> Node:
    """Return `dict.zhat(u)` or `dict.dec(z)`: a part as a function of a sample, or a net."""
    part = _part(here, expr.name, model=model)
    if not isinstance(part, Net):
        attribute = replace(expr, base=replace(call, function=expr.base), span=call.span)
        sample = replace(call, function=expr.base)
        return at_sample(here, attribute, call=sample, model=model)
    args = here.nodes(positional(here, call))
    name = f"{model.name}.{part.name}"
    shape = args[0].shape if args else ()
    if len(args) != 1 or shape != part.input:
        reason = f"`{name}` takes {show(part.input)}, not {show(shape)}"
        raise here.reject(ShapeMismatch(call.span, reason, seen=_labels(model)))
    inner = tuple(f"{model.name}.{each}" for each in part.made_of)
    net = replace(part, name=name, made_of=inner, learned=False)
    return make(Op.APPLY, args, data=net, shape=net.output, plates=joined_plates(args))


def _constant(name: str, node: Node) -> Node:
    domain = node.data.domain if node.op is Op.VARIABLE else REAL
    quantity = Quantity(name, "constant", domain)
    return variable(quantity, node.shape, plates=node.plates)


def _part(here: Here, name: ast.Name, *, model: Used) -> Part:
    parts = _parts(model.model)
    if name.text in parts:
        return parts[name.text]
    what = f"part of `{model.name}`"
    raise here.reject(UnknownName(name.span, name.text, tuple(parts), what))


def _parts(model: Model) -> dict[str, Part]:
    """List what a model declares, by name."""
    found: tuple[Part, ...] = (*model.data, *model.declared, *model.nets, *model.blocks)
    return {each.name: each for each in (*found, *model.terms)}


def _labels(model: Used) -> tuple[Label, ...]:
    return (Label(model.span, f"`{model.name}` is brought in here"),)


def _given(here: Here, call: ast.Call, *, model: Used) -> dict[str, Node]:
    """Return what takes the place of the sample: the only observed variable, or by name."""
    observed = model.model.with_role("observed", "given")
    only = model.model.with_role("observed")
    pairs = [(each.name.text, each.value) for each in call.named]
    if call.args and (len(call.args) > 1 or len(only) != 1):
        names = ", ".join(f"{each.name} = …" for each in observed)
        reason = f"`{model.name}` has several variables: name what is given"
        raise here.reject(WrongArguments(call.span, reason, f"as `{model.name}({names})`"))
    pairs += [(only[0].name, arg) for arg in call.args]
    given: dict[str, Node] = {}
    for name, written in pairs:
        at = value(here, written)
        given[f"{model.name}.{name}"] = _fitting(here, at, name=name, model=model)
    return given


def _fitting(here: Here, expr: ast.Expr, *, name: str, model: Used) -> Node:
    held, node = model.model.find(name), here.node(expr)
    if held is None:
        known = tuple(each.name for each in model.model.declared)
        raise here.reject(UnknownName(expr.span, name, known, f"part of `{model.name}`"))
    if node.shape != held.whole and not is_scalar(node.shape):
        reason = f"`{name}` of `{model.name}` is {show(held.whole)}, not {show(node.shape)}"
        raise here.reject(ShapeMismatch(expr.span, reason, seen=_labels(model)))
    return spread(node, held.whole)
