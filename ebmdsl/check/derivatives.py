"""Derivatives as expressions: `grad(E, y)`, `jvp(g, y, v)`, `jacobian_norm(enc, y)`."""

from __future__ import annotations

from dataclasses import replace

from ebmdsl.check.elsewhere import reread
from ebmdsl.check.functions import callee
from ebmdsl.check.here import Here, counted, positional
from ebmdsl.check.mistakes import WrongArguments
from ebmdsl.check.model import Block
from ebmdsl.concepts.shape import is_scalar, show
from ebmdsl.expr.build import ShapeError, joined_plates, variable
from ebmdsl.expr.node import Derivative, Node, Op, Quantity, make
from ebmdsl.expr.points import point
from ebmdsl.syntax import ast
from ebmdsl.syntax.write import write

DERIVATIVES = {"grad": 2, "laplacian": 2, "jacobian_norm": 2, "jvp": 3}
_OF_A_NUMBER = ("grad", "laplacian")


def derivative(here: Here, call: ast.Call, *, word: str) -> Node:
    """Return a derivative of a value, or of a function, where it stands."""
    args, wanted = positional(here, call), DERIVATIVES[word]
    if len(args) != wanted:
        reason = f"`{word}` takes {counted(wanted)}, not {len(args)}"
        raise here.reject(WrongArguments(call.span, reason))
    held = _variable(here, args[1])
    if callee(here, args[0]) is not None:
        if held is None:
            return _of_function(here, args, word=word)
        args = (ast.Call(args[0], (args[1],), span=call.span), *args[1:])
    if held is None:
        return _of_node(here, args, word=word)
    value, *rest = here.nodes((args[0], *args[2:]))
    return _derived(word, value, at=held, rest=rest)


def _variable(here: Here, expr: ast.Expr) -> Node | None:
    """Return the variable, whole where it is plated, that an expression is."""
    node = here.node(expr)
    whole = node.args[0] if node.op is Op.STACK else node
    return node if whole.op is Op.VARIABLE and whole.data.role != "free" else None


def _derived(word: str, value: Node, *, at: Node, rest: list[Node]) -> Node:
    if word in _OF_A_NUMBER and not is_scalar(value.shape):
        raise ShapeError(
            f"`{word}` is of one number per sample, not of {show(value.shape)}",
            "sum the value, or use `jacobian_norm`",
        )
    for direction in rest:
        if direction.shape != at.shape:
            raise ShapeError(f"a direction {show(direction.shape)} for {show(at.shape)}")
    shape = {"grad": at.shape, "jvp": value.shape}.get(word, ())
    data, args = Derivative(word, at.names, at.per_sample), (value, *rest)
    return make(Op.GRADIENT, args, data=data, shape=shape, plates=joined_plates(args))


def _of_node(here: Here, args: tuple[ast.Expr, ...], *, word: str) -> Node:
    """Differentiate with respect to a node: what depends on it is read with it as variable."""
    by = args[1]
    bound = here.scope.get(by.text) if isinstance(by, ast.Name) else None
    if not isinstance(by, ast.Name) or not isinstance(bound, Block):
        reason = "a derivative is taken by a variable or by a node with a name"
        raise here.reject(WrongArguments(by.span, reason, "name the expression by a `let`"))
    inside = reread(here, (by.text,))
    value, *rest = inside.nodes((args[0], *args[2:]))
    opened = inside.node(by)
    return point(_derived(word, value, at=opened, rest=rest), {by.text: here.node(by)})


def _of_function(here: Here, args: tuple[ast.Expr, ...], *, word: str) -> Node:
    """Differentiate a function at a value: its argument is a variable of its own."""
    function, at, *rest = args
    held, directions = here.node(at), [*here.nodes(tuple(rest))]
    name = f"input of {write(function)}"
    inner = variable(Quantity(name, "node"), held.shape)
    local = replace(here.local, values={**here.local.values, name: inner})
    applied = ast.Call(function, (ast.Name(name, span=at.span),), span=function.span)
    value = replace(here, local=local).node(applied)
    return point(_derived(word, value, at=inner, rest=directions), {name: held})
