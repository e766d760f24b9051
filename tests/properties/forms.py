"""Every form of expression in every place of every statement that takes one."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ebmdsl.syntax import ast
from tests.syntax.strategies import (
    comparisons,
    headers,
    keys,
    kinds,
    many,
    names,
    on,
    operators,
    percents,
    plates,
    roles,
    strings,
)

Exprs = SearchStrategy[ast.Expr]
simple = names | st.builds(ast.Number, st.integers(0, 99))
values = simple | st.builds(ast.Range, simple, simple)

EXPRESSIONS: dict[type[ast.Syntax], Exprs] = {
    ast.Name: names,
    ast.Number: st.builds(ast.Number, st.integers(0, 99)),
    ast.Percent: percents,
    ast.String: strings,
    ast.Neg: st.builds(ast.Neg, simple),
    ast.Binary: st.builds(ast.Binary, operators, simple, simple),
    ast.Compare: st.builds(ast.Compare, comparisons, simple, simple),
    ast.Call: st.builds(
        ast.Call, names, many(values), many(st.builds(ast.Named, keys, values))
    ),
    ast.At: st.builds(ast.At, names, many(values, 1)),
    ast.Attr: st.builds(ast.Attr, names, keys),
    ast.List: st.builds(ast.List, many(simple)),
    ast.Lambda: st.builds(ast.Lambda, many(names, 1), simple),
    ast.Pipe: st.builds(ast.Pipe, many(simple, 2, 3)),
}


def statements(expr: Exprs) -> dict[type[ast.Syntax], SearchStrategy[ast.Statement]]:
    """Build every kind of statement with this expression in every place that takes one."""
    one = st.tuples(expr)
    ranges = st.builds(ast.Range, expr, expr)
    bound = st.tuples(st.builds(ast.Binder, names, ranges))
    sized = st.builds(ast.Type, names, st.tuples(st.builds(ast.Dim, st.none() | names, expr)))
    named = st.tuples(st.builds(ast.Named, names, expr))
    declare = st.sampled_from(["given", "observed", "latent", "param", "random"])
    finders = st.sampled_from(["infer", "predict"])
    return {
        ast.Use: st.builds(ast.Use, st.builds(ast.Other, strings, named), names),
        ast.Data: st.builds(ast.Data, names, expr),
        ast.Variable: st.builds(
            ast.Variable, declare, names, bound, sized, expr, one, expr, expr
        ),
        ast.Net: st.builds(ast.Net, names, expr, one),
        ast.State: st.builds(ast.State, names, expr),
        ast.Func: st.builds(ast.Func, names, many(names), expr),
        ast.Node: st.builds(ast.Node, roles, names, bound, st.sampled_from(["=", "~"]), expr),
        ast.Term: st.builds(ast.Term, kinds, names, bound, expr),
        ast.Negative: st.builds(ast.Negative, names, bound, expr),
        ast.Infer: st.builds(ast.Infer, finders, many(names, 1), expr, one, expr),
        ast.Train: st.builds(ast.Train, many(names), expr, one),
        ast.Run: st.builds(ast.Run, named),
        ast.Report: st.builds(ast.Report, names, expr, on),
        ast.Expect: st.builds(ast.Expect, expr, on),
        ast.Plot: st.builds(ast.Plot, expr, on),
        ast.Stage: st.builds(
            ast.Stage, names, st.tuples(st.builds(ast.Term, kinds, names, plates, expr))
        ),
    }


def holding(kind: type[ast.Syntax], form: type[ast.Syntax]) -> SearchStrategy[ast.File]:
    """Build files whose one statement, of this kind, holds this form of expression."""
    statement = statements(EXPRESSIONS[form])[kind]
    return st.builds(ast.File, headers, st.tuples(statement))


KINDS = tuple(statements(names))
