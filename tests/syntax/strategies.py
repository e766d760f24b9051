"""Random programs that reach every class of the tree."""

from __future__ import annotations

from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ebmdsl.syntax import ast
from ebmdsl.syntax.grammar import tables

Piece = TypeVar("Piece")
Many = SearchStrategy[tuple[Piece, ...]]

KEYWORDS = sorted(tables().keywords)
FIRST, REST = "abcxyzWλμŷ", "abcW_λ019"


def many(inner: SearchStrategy[Piece], low: int = 0, high: int = 2) -> Many[Piece]:
    """A short tuple."""
    return st.lists(inner, min_size=low, max_size=high).map(tuple)


words = st.builds(str.__add__, st.sampled_from(FIRST), st.text(REST, max_size=3))
names = st.builds(ast.Name, words.filter(lambda word: word not in KEYWORDS))
keys = names | st.builds(ast.Name, st.sampled_from(KEYWORDS))
texts = st.text(st.characters(codec="utf-8", exclude_characters='"\n'), max_size=6)
strings = st.builds(ast.String, texts)
floats = st.floats(0, 1e300, allow_nan=False)
numbers = st.builds(ast.Number, st.integers(0, 10**6) | floats)
percents = st.builds(ast.Percent, st.integers(0, 100) | st.sampled_from([0.5, 12.25]))
leaves = names | numbers | percents | strings
operators = st.sampled_from(["+", "-", "*", "/", "@", "^"])
comparisons = st.sampled_from(["<=", ">=", "==", "!=", "<", ">"])


def _grow(inner: SearchStrategy[ast.Expr]) -> SearchStrategy[ast.Expr]:
    values = inner | st.builds(ast.Range, inner, inner)
    return (
        st.builds(ast.Neg, inner)
        | st.builds(ast.Binary, operators, inner, inner)
        | st.builds(ast.Compare, comparisons, inner, inner)
        | st.builds(ast.Call, inner, many(values), many(st.builds(ast.Named, keys, values)))
        | st.builds(ast.At, inner, many(values, 1))
        | st.builds(ast.Attr, inner, keys)
        | st.builds(ast.List, many(inner))
        | st.builds(ast.Lambda, many(names, 1), inner)
        | st.builds(ast.Pipe, many(inner, 2, 3))
    )


exprs: SearchStrategy[ast.Expr] = st.recursive(leaves, _grow, max_leaves=6)
optional = st.none() | exprs
with_ = many(exprs)
binders = st.builds(ast.Binder, names, st.none() | st.builds(ast.Range, exprs, exprs))
plates = many(binders)
types = st.builds(ast.Type, names, many(st.builds(ast.Dim, st.none() | names, exprs)))
settings = many(st.builds(ast.Named, names, exprs))
others = st.builds(ast.Other, strings, settings)
params = many(st.builds(ast.Param, names, st.none() | names, exprs))
headers = st.builds(ast.Header, names, params, st.none() | others)

variables = st.builds(
    ast.Variable,
    st.sampled_from(["given", "observed", "latent", "param", "random"]),
    names,
    plates,
    types,
    optional,
    with_,
    optional,
    optional,
)
roles = st.sampled_from(["encoder", "decoder", "predictor", "generator", "let"])
kinds = st.sampled_from(["cost", "regularizer", "loss"])
finders = st.sampled_from(["infer", "predict"])
on = st.none() | keys
simple = (
    st.builds(ast.Use, others, names)
    | st.builds(ast.Data, names, exprs)
    | variables
    | st.builds(ast.Net, names, exprs, with_)
    | st.builds(ast.State, names, exprs)
    | st.builds(ast.Func, names, many(names), exprs)
    | st.builds(ast.Node, roles, names, plates, st.sampled_from(["=", "~"]), exprs)
    | st.builds(ast.Term, kinds, names, plates, exprs)
    | st.builds(ast.Negative, names, plates, exprs)
    | st.builds(ast.Infer, finders, many(names, 1), exprs, with_, optional)
    | st.builds(ast.Train, many(names), exprs, with_)
    | st.builds(ast.Run, settings)
    | st.builds(ast.Report, names, exprs, on)
    | st.builds(ast.Expect, exprs, on)
    | st.builds(ast.Plot, exprs, on)
)
statements: SearchStrategy[ast.Statement] = st.recursive(
    simple, lambda inner: st.builds(ast.Stage, names, many(inner)), max_leaves=4
)
files = st.builds(ast.File, headers, many(statements, 1, 4))
