"""Expressions: from the tree to nodes of the DAG, with every shape checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from ebmdsl.check import indices
from ebmdsl.check.arguments import CONSTANTS
from ebmdsl.check.attempts import attempt
from ebmdsl.check.calls import called
from ebmdsl.check.dimensions import described
from ebmdsl.check.domains import declarations, domain_of, number
from ebmdsl.check.here import Here
from ebmdsl.check.mistakes import (
    NotAConstant,
    ShapeMismatch,
    UnknownName,
    UsesItself,
    WrongArguments,
)
from ebmdsl.check.model import Block, Data, Declared, Hyper, Term, Used
from ebmdsl.check.plates import opened, unindexed, whole_node
from ebmdsl.check.reductions import STATISTICS, statistic
from ebmdsl.check.schedules import scheduled
from ebmdsl.check.scope import RESERVED, Local, RejectedError, Scope, Template
from ebmdsl.check.statement_mistakes import WrongRole
from ebmdsl.check.used import at_sample, constant, used
from ebmdsl.check.value_mistakes import MisplacedExpression, WrongDomain
from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.domain import BOUNDS, REAL, Domain
from ebmdsl.concepts.kinds import Function, Schedule
from ebmdsl.concepts.shape import show, size
from ebmdsl.expr.build import (
    ShapeError,
    UndefinedError,
    add,
    const,
    divide,
    joined_plates,
    multiply,
    negative,
    power,
    subtract,
    transpose,
    variable,
)
from ebmdsl.expr.calls import product
from ebmdsl.expr.node import Cut, Node, Op, Quantity, make
from ebmdsl.expr.stacks import stacked
from ebmdsl.source.diagnostic import Label
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.concepts.shape import Shape
    from ebmdsl.source.text import Span

MAIN = Local()


def elaborate(scope: Scope, expr: ast.Expr, *, local: Local = MAIN) -> Node:
    """Return the node of an expression; raise `RejectedError` once a mistake is reported."""
    here = Here(scope, local, elaborate)
    try:
        node = _node(here, expr)
    except ShapeError as error:
        seen = (*_shapes(here, expr), *_calls(here))
        mistake = ShapeMismatch(expr.span, error.reason, error.remedy, seen)
        raise scope.reject(mistake) from None
    except UndefinedError as error:
        raise scope.reject(WrongArguments(expr.span, error.reason)) from None
    scope.note(node, expr.span)
    return node


def _node(here: Here, expr: ast.Expr) -> Node:
    match expr:
        case ast.Number():
            return const(expr.value)
        case ast.Percent():
            return const(expr.value / 100)
        case ast.Neg():
            return negative(number(here, here.node(expr.operand), at=expr.operand))
        case ast.Binary():
            return _binary(here, expr)
        case ast.Compare():
            return _compared(here, expr)
        case ast.Name():
            return _named(here, expr)
        case ast.Attr():
            return _attribute(here, expr)
        case ast.Call():
            return called(here, expr)
        case ast.Pipe():
            return here.node(_unpiped(expr))
        case ast.At():
            return indices.at(here, expr)
        case ast.List():
            return _listed(here, expr)
        case ast.String():
            text = WrongDomain(expr.span, "a text is no number to compute with")
            raise here.reject(text)
        case ast.Lambda():
            reason = "a function is no number to compute with"
            remedy = "call it, or give it to a function that takes one"
            raise here.reject(WrongArguments(expr.span, reason, remedy))
        case _:
            assert_never(expr)


def _unpiped(pipe: ast.Pipe) -> ast.Expr:
    """Write `a |> f |> g(b)` as nested calls, the value first."""
    value, *steps = pipe.parts
    for step in steps:
        span = value.span.join(step.span)
        match step:
            case ast.Call():
                value = replace(step, args=(value, *step.args), span=span)
            case _:
                value = ast.Call(step, (value,), span=span)
    return value


def _binary(here: Here, expr: ast.Binary) -> Node:
    left = attempt(lambda: number(here, here.node(expr.left), at=expr.left))
    if expr.op == "^":
        return _power(here, left(), exponent=expr.right)
    right = attempt(lambda: number(here, here.node(expr.right), at=expr.right))
    match expr.op:
        case "+":
            return add(left(), right())
        case "-":
            return subtract(left(), right())
        case "*":
            return multiply(left(), right())
        case "/":
            return divide(left(), right())
        case "@":
            return product(left(), right())
        case _:
            assert_never(expr.op)


def _power(here: Here, base: Node, *, exponent: ast.Expr) -> Node:
    node = here.node(exponent)
    if node.op is not Op.CONST:
        raise here.reject(NotAConstant(exponent.span, "an exponent"))
    return power(base, node.data)


def _compared(here: Here, expr: ast.Compare) -> Node:
    """Return a comparison, 1 where it holds; tokens are compared with tokens and numbers."""
    left, right = here.nodes((expr.left, expr.right))
    tokens = [node for node in (left, right) if domain_of(node).name == "token"]
    others = [node for node in (left, right) if node not in tokens and node.op is not Op.CONST]
    if tokens and (others or expr.op not in ("==", "!=")):
        reason = "a token is compared with another token, and is equal to it or not"
        labels = declarations(here.scope, expr)
        raise here.reject(WrongDomain(expr.span, reason, "use `==` or `!=`", labels))
    shape, plates = subtract(left, right).shape, joined_plates((left, right))
    return make(Op.COMPARE, (left, right), data=expr.op, shape=shape, plates=plates)


def _listed(here: Here, expr: ast.List) -> Node:
    """Return values in a row; equal numbers are one number in every entry."""
    if not expr.items:
        raise here.reject(WrongArguments(expr.span, "a list has at least one value"))
    nodes = here.nodes(expr.items)
    first = nodes[0]
    if any(node.shape != first.shape for node in nodes):
        shapes = " and ".join(dict.fromkeys(show(node.shape) for node in nodes))
        raise ShapeError(f"a list of {shapes}", "the values of a list have one shape")
    shape = (len(nodes), *first.shape)
    if first.op is Op.CONST and all(node is first for node in nodes):
        return const(first.data, shape)
    return make(Op.LIST, nodes, shape=shape, plates=joined_plates(nodes))


def _named(here: Here, name: ast.Name) -> Node:
    """Return what a name stands for at the current sample."""
    if name.text in here.local.values:
        return here.local.values[name.text]
    if name.text in here.local.functions:
        reason = f"`{name.text}` is a function here, not a value"
        raise here.reject(WrongArguments(name.span, reason, f"call it: `{name.text}(…)`"))
    if name.text in RESERVED and name.text not in here.scope.failed:
        return _reserved(here, name)
    bound = here.scope.get(name.text)
    match bound:
        case Hyper():
            return _hyper(here, name, bound=bound)
        case Declared() | Block():
            _known_here(here, name)
            return unindexed(whole_node(bound))
        case Term():
            return _term(here, name, term=bound)
        case Data():
            raise here.reject(_data_set(name, bound))
        case None if name.text in CONSTANTS:
            return const(CONSTANTS[name.text])
        case None:
            raise _unknown(here, name)
        case _:
            raise here.reject(_not_a_value(name, bound))


def _known_here(here: Here, name: ast.Name) -> None:
    """Report a report that is used in the model: it is known after training."""
    statement = here.scope.statements.get(name.text)
    if isinstance(statement, ast.Report) and not here.local.report:
        raise here.reject(
            MisplacedExpression(
                name.span,
                f"the report `{name.text}`",
                "a report is known after training, over a split",
                "use it in a `report` or an `expect`",
            )
        )


def _data_set(name: ast.Name, data: Data) -> WrongRole:
    reason = f"`{name.text}` is a data set, not a value of a sample"
    remedy = f"name a field, as `{name.text}.{data.main.name}`"
    return WrongRole(name.span, reason, data.span, "a data set", remedy)


def _hyper(here: Here, name: ast.Name, *, bound: Hyper) -> Node:
    if isinstance(bound.value, Schedule):
        return scheduled(here.scope, bound.name, schedule=bound.value)
    if isinstance(bound.value, int | float):
        return const(bound.value)
    reason = f"`{name.text}` is a word, no number to compute with"
    label = Label(bound.span, "declared here")
    raise here.reject(WrongDomain(name.span, reason, seen=(label,)))


def _term(here: Here, name: ast.Name, *, term: Term) -> Node:
    if term.in_energy or here.local.place != "energy":
        return term.node
    raise here.reject(
        MisplacedExpression(
            name.span,
            f"the loss `{name.text}`",
            "a loss is a functional of the energy and no part of it",
            "declare it as a `cost`, or this term as a `loss`",
        )
    )


def _unknown(here: Here, name: ast.Name) -> Exception:
    if find(Function, name.text) is None or name.text in here.scope.working:
        return here.scope.unknown(name, "name", known=words(Function))
    reason = f"`{name.text}` is a function, not a value"
    return here.reject(WrongArguments(name.span, reason, f"call it: `{name.text}(…)`"))


def _not_a_value(
    name: ast.Name, bound: Template | ast.Func | Used | ast.Statement
) -> WrongRole:
    match bound:
        case Template(statement=statement):
            span, what = statement.name.span, "a function"
        case ast.Func():
            span, what = bound.name.span, "a function"
        case Used():
            span, what = bound.span, "a model"
        case _:
            span, what = bound.span, "a statement"
    reason = f"`{name.text}` is {what}, not a value"
    remedy = f"call it: `{name.text}(…)`"
    if what == "a model":
        remedy = f"say what of it, as `{name.text}.W` or `{name.text}(y).z`"
    return WrongRole(name.span, reason, span, what, remedy)


def _reserved(here: Here, name: ast.Name) -> Node:
    """Return the energy, the free energy or log Z."""
    if name.text in here.scope.failed or _is_hyper(here.scope, name.text):
        raise RejectedError  # it was declared, which is the mistake
    if name.text == "E":
        return _energy(here, name)
    if here.local.place == "energy":
        raise here.reject(
            MisplacedExpression(
                name.span,
                f"`{name.text}`",
                "it is made of the energy, so no term of the energy contains it",
                "use it in a `loss`, in `minimize(…)` or in a report",
            )
        )
    return variable(Quantity(name.text, "free"), ())


def _is_hyper(scope: Scope, name: str) -> bool:
    params = scope.file.header.params if scope.file is not None else ()
    return any(param.name.text == name for param in params)


def _energy(here: Here, name: ast.Name) -> Node:
    """Return the sum of the costs and regularizers, none of which can be asking for it."""
    scope = here.scope
    terms = [s for s in scope.statements.values() if isinstance(s, ast.Term)]
    energy = [each.name for each in terms if each.kind != "loss"]
    asking = next((each for each in energy if each.text in scope.working), None)
    if asking is not None:
        raise here.reject(UsesItself(name.span, asking.text, asking.span))
    found = [scope.get(each.text) for each in energy]
    return add(const(0), *(each.node for each in found if isinstance(each, Term)))


def _field(data: Data, field: str) -> Node:
    found = next(each for each in data.fields if each.name == field)
    domain = Domain(found.domain) if found.domain in BOUNDS else REAL
    bounds = (found.low, found.high)
    return variable(Quantity(f"{data.name}.{field}", "given", domain, bounds), found.shape)


def _attribute(here: Here, expr: ast.Attr) -> Node:
    name, model = expr.name.text, used(here, expr.base)
    if model is not None:
        return constant(here, expr, model=model)
    if isinstance(expr.base, ast.Call) and (model := used(here, expr.base.function)):
        return at_sample(here, expr, call=expr.base, model=model)
    data = _data(here, expr.base)
    fields = tuple(each.name for each in data.fields) if data is not None else ()
    if data is not None and name in fields:
        return _field(data, name)
    if data is not None and name not in STATISTICS:
        raise here.reject(UnknownName(expr.name.span, name, fields, "field"))
    node = here.node(expr.base) if data is None else _field(data, data.main.name)
    return _part(here, expr, node=node)


def _data(here: Here, expr: ast.Expr) -> Data | None:
    if not isinstance(expr, ast.Name) or expr.text in here.local.values:
        return None
    bound = here.scope.get(expr.text) if expr.text not in RESERVED else None
    return bound if isinstance(bound, Data) else None


def _part(here: Here, expr: ast.Attr, *, node: Node) -> Node:
    """Return a named output of a net, the transpose, or a statistic."""
    name = expr.name.text
    inner, plates = opened(node)
    outputs = dict(_outputs(inner))
    if name in outputs:
        part = _output(inner, name, outputs=outputs)
        return stacked(part, plates)
    if name == "T":
        return transpose(number(here, node, at=expr.base))
    if name in STATISTICS:
        return statistic(here, expr, node=node)
    known = (*outputs, "T", *STATISTICS)
    raise here.reject(UnknownName(expr.name.span, name, known, "part"))


def _outputs(node: Node) -> tuple[tuple[str, Shape], ...]:
    """Return the named outputs of the net that a value comes from."""
    while node.op in (Op.SHIFT, Op.STOP, Op.POINT):
        node = node.args[0]
    return node.data.outputs if node.op is Op.APPLY else ()


def _output(node: Node, name: str, *, outputs: dict[str, Shape]) -> Node:
    """Return one of the outputs, which are laid end to end."""
    names = list(outputs)
    before = sum(size(outputs[each]) for each in names[: names.index(name)])
    part = indices.cut(node, Cut(0, before, before + size(outputs[name]) - 1))
    return indices.reshaped(part, outputs[name])


def _shapes(here: Here, expr: ast.Expr) -> tuple[Label, ...]:
    """Show where the variables of an expression were declared, with their shapes."""
    seen: dict[Span, Label] = {}
    for piece in ast.walk(expr):
        if not isinstance(piece, ast.Name) or piece.text in here.local.values:
            continue
        bound = here.scope.bound.get(piece.text)
        if isinstance(bound, Declared | Block):
            seen.setdefault(bound.span, Label(bound.span, described(bound)))
    return tuple(seen.values())


def _calls(here: Here) -> tuple[Label, ...]:
    """Show the call that a function is written out for, with what it is called with."""
    if not here.local.calls:
        return ()
    values = here.local.values.items()
    listed = ", ".join(f"`{name}` is {show(node.shape)}" for name, node in values)
    return (Label(here.local.calls[-1], f"called here: {listed}"),)
