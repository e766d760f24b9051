"""Nodes made of productions."""

from __future__ import annotations

from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse


def statement(text: str) -> ast.Statement:
    file, found = parse(Source("m", f"model m\n{text}\n"))
    assert file is not None
    assert found.ok
    return file.statements[0]


def test_clauses_become_fields() -> None:
    made = statement("param W[i] : real[2, k = 3] from d with a, b(1) init 0")
    real = ast.Type(ast.Name("real"), (_dim(None, 2), _dim("k", 3)))
    assert made == ast.Variable(
        "param",
        ast.Name("W"),
        plate=(ast.Binder(ast.Name("i")),),
        type=real,
        with_=(ast.Name("a"), ast.Call(ast.Name("b"), (ast.Number(1),))),
        init=ast.Number(0),
        from_=ast.Name("d"),
    )


def _dim(name: str | None, size: int) -> ast.Dim:
    return ast.Dim(ast.Name(name) if name else None, ast.Number(size))


def test_numbers_keep_their_spelling() -> None:
    made = statement("let a = [1e3, 10, 0.50, 12.5%]")
    assert isinstance(made, ast.Node)
    assert list(ast.children(made.expr)) == [
        *(ast.Number(1000.0), ast.Number(10), ast.Number(0.5), ast.Percent(12.5)),
    ]
    texts = [each.text for each in ast.walk(made) if isinstance(each, ast.Number | ast.Percent)]
    assert texts == ["1e3", "10", "0.50", "12.5%"]
    assert isinstance(next(iter(ast.children(made.expr))), ast.Number)


def test_arguments_by_name_are_kept_apart() -> None:
    made = statement("let a = f(1, 0..2, on = 3)")
    assert isinstance(made, ast.Node)
    one, two, three = ast.Number(1), ast.Range(ast.Number(0), ast.Number(2)), ast.Number(3)
    named = (ast.Named(ast.Name("on"), three),)
    assert made.expr == ast.Call(ast.Name("f"), (one, two), named)
