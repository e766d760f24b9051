"""Tree to text, for programs that no user wrote: one statement a line, no columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterable

_LAMBDA, _PIPE, _COMPARE, _SUM, _PRODUCT, _UNARY, _POWER, _POSTFIX, _ATOM = range(9)


def write_file(file: ast.File) -> str:
    """Write a whole program."""
    lines = [_header(file.header), *(write_statement(each) for each in file.statements)]
    return "\n".join(lines) + "\n"


def write_statement(statement: ast.Statement) -> str:
    """Write a statement."""
    match statement:
        case ast.Use(other, name):
            return f"use {_other(other)} as {name.text}"
        case ast.Data(name, expr):
            return f"data {name.text} = {write(expr)}"
        case ast.Variable():
            return _variable(statement)
        case ast.Net(name, expr, with_):
            return f"net {name.text} = {write(expr)}{_with(with_)}"
        case ast.State(name, expr):
            return f"state {name.text} = {write(expr)}"
        case ast.Func(name, params, expr):
            return f"func {name.text}({_names(params)}) = {write(expr)}"
        case ast.Node(role, name, plate, op, expr):
            return f"{role} {name.text}{_plate(plate)} {op} {write(expr)}"
        case ast.Term(kind, name, plate, expr):
            return f"{kind} {name.text}{_plate(plate)} = {write(expr)}"
        case ast.Negative(name, plate, expr):
            return f"negative {name.text}{_plate(plate)} from {write(expr)}"
        case _:
            return _action(statement)


def _action(
    statement: ast.Infer | ast.Train | ast.Run | ast.Stage | ast.Report | ast.Expect | ast.Plot,
) -> str:
    match statement:
        case ast.Infer(kind, names, method, with_, from_):
            found = f"{kind} {_names(names)} by {write(method, _POSTFIX)}{_with(with_)}"
            return found + _optional("from", from_)
        case ast.Train(names, method, with_):
            moved = f"{_names(names)} " if names else ""
            return f"train {moved}by {write(method, _POSTFIX)}{_with(with_)}"
        case ast.Run(settings):
            return f"run {{ {_settings(settings)} }}"
        case ast.Stage(name, statements):
            inside = "\n".join(write_statement(each) for each in statements)
            return f"stage {name.text} {{\n{inside}\n}}"
        case ast.Report(name, expr, on):
            return f"report {name.text} = {write(expr)}{_optional('on', on)}"
        case ast.Expect(expr, on):
            return f"expect {write(expr)}{_optional('on', on)}"
        case ast.Plot(expr, on):
            return f"plot {write(expr, _POSTFIX)}{_optional('on', on)}"
        case _:
            assert_never(statement)


def _header(header: ast.Header) -> str:
    params = ", ".join(map(_param, header.params))
    extends = f" extends {_other(header.extends)}" if header.extends else ""
    return f"model {header.name.text}{f'({params})' if params else ''}{extends}"


def _param(param: ast.Param) -> str:
    type_ = f": {param.type.text}" if param.type else ""
    return f"{param.name.text}{type_} = {write(param.default)}"


def _other(other: ast.Other) -> str:
    settings = f"({_settings(other.settings)})" if other.settings else ""
    return f'"{other.path.text}"{settings}'


def _settings(settings: tuple[ast.Named, ...]) -> str:
    return ", ".join(f"{each.name.text} = {write(each.value)}" for each in settings)


def _variable(variable: ast.Variable) -> str:
    head = f"{variable.declare} {variable.name.text}{_plate(variable.plate)}"
    law = _optional("~", variable.law)
    clauses = _with(variable.with_) + _optional("init", variable.init)
    return f"{head} : {_type(variable.type)}{law}{clauses}{_optional('from', variable.from_)}"


def _type(type_: ast.Type) -> str:
    dims = ", ".join(map(_dim, type_.dims))
    return f"{type_.name.text}[{dims}]" if dims else type_.name.text


def _dim(dim: ast.Dim) -> str:
    return f"{dim.name.text} = {write(dim.size, _SUM)}" if dim.name else write(dim.size, _SUM)


def _plate(binders: tuple[ast.Binder, ...]) -> str:
    return f"[{', '.join(map(_binder, binders))}]" if binders else ""


def _binder(binder: ast.Binder) -> str:
    return f"{binder.name.text} in {write(binder.range)}" if binder.range else binder.name.text


def _names(names: tuple[ast.Name, ...]) -> str:
    return ", ".join(name.text for name in names)


def _with(constraints: tuple[ast.Expr, ...]) -> str:
    return f" with {_list(constraints, _POSTFIX)}" if constraints else ""


def _optional(word: str, expr: ast.Expr | None) -> str:
    return f" {word} {write(expr)}" if expr else ""


def _list(exprs: Iterable[ast.Value], strength: int = _LAMBDA) -> str:
    return ", ".join(write(each, strength) for each in exprs)


def write(expr: ast.Value, strength: int = _LAMBDA) -> str:
    """Write an expression, in parentheses where it binds less than it must."""
    text = _expr(expr)
    return f"({text})" if _strength(expr) < strength else text


def _strength(expr: ast.Value) -> int:
    match expr:
        case ast.Lambda():
            return _LAMBDA
        case ast.Pipe():
            return _PIPE
        case ast.Compare():
            return _COMPARE
        case ast.Binary(op):
            return {"+": _SUM, "-": _SUM, "^": _POWER}.get(op, _PRODUCT)
        case ast.Neg():
            return _UNARY
        case ast.Call() | ast.At() | ast.Attr():
            return _POSTFIX
        case _:
            return _ATOM


def _expr(expr: ast.Value) -> str:
    match expr:
        case ast.Name(text):
            return text
        case ast.String(text):
            return f'"{text}"'
        case ast.Number(value, text):
            return text or repr(value)
        case ast.Percent(value, text):
            return text or f"{value!r}%"
        case ast.Neg(operand):
            return f"-{write(operand, _UNARY)}"
        case ast.Binary():
            return _binary(expr)
        case ast.Compare(op, left, right):
            return f"{write(left, _SUM)} {op} {write(right, _SUM)}"
        case ast.Call(function, args, named):
            listed = [
                _list(args),
                *(f"{each.name.text} = {write(each.value)}" for each in named),
            ]
            return f"{write(function, _POSTFIX)}({', '.join(filter(None, listed))})"
        case ast.At(base, subscripts):
            return f"{write(base, _POSTFIX)}[{_list(subscripts)}]"
        case ast.Attr(base, name):
            return f"{write(base, _POSTFIX)}.{name.text}"
        case ast.List(items):
            return f"[{_list(items)}]"
        case ast.Lambda(params, body):
            names = _names(params)
            return f"{f'({names})' if len(params) > 1 else names} -> {write(body)}"
        case ast.Pipe((first, *rest)):
            return " |> ".join([write(first, _COMPARE), *(write(p, _POSTFIX) for p in rest)])
        case ast.Range(low, high):
            return f"{write(low, _SUM)}..{write(high, _SUM)}"
        case _:
            raise AssertionError(expr)


def _binary(expr: ast.Binary) -> str:
    match expr.op:
        case "^":
            return f"{write(expr.left, _POSTFIX)}^{write(expr.right, _UNARY)}"
        case "+" | "-" as op:
            return f"{write(expr.left, _SUM)} {op} {write(expr.right, _PRODUCT)}"
        case op:
            return f"{_factor(expr.left, op)} {op} {write(expr.right, _UNARY)}"


def _factor(left: ast.Expr, op: str) -> str:
    """The left factor; `@` beside `*` or `/` is set off, though all three bind alike."""
    match left:
        case ast.Binary("*" | "/" | "@" as inner) if (inner == "@") != (op == "@"):
            return f"({write(left)})"
        case _:
            return write(left, _PRODUCT)
