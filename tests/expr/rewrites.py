"""Meaning-preserving rewrites of a program, drawn at random from a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from random import Random
from typing import Any, TypeVar, cast, final

from ebmdsl.syntax import ast

S = TypeVar("S", bound=ast.Syntax)
Rule = Callable[[ast.Expr], ast.Expr | None]


def _name(text: str) -> ast.Name:
    return ast.Name(text)


def _call(word: str, *args: ast.Value) -> ast.Call:
    return ast.Call(_name(word), tuple(args))


def _is_call(expr: ast.Expr, word: str, count: int) -> bool:
    named = isinstance(expr, ast.Call) and expr.function == _name(word)
    return named and isinstance(expr, ast.Call) and len(expr.args) == count


@final
class Rewriter:
    """Rewrites a program step by step; `matrices` and `vectors` say what names stand for."""

    def __init__(self, file: ast.File, *, seed: int) -> None:
        self.file = file
        self.random = Random(seed)
        self.fresh = 0
        shapes = {
            s.name.text: len(s.type.dims)
            for s in file.statements
            if isinstance(s, ast.Variable)
        }
        self.matrices = {name for name, count in shapes.items() if count == 2}
        self.done: list[str] = []

    def step(self) -> None:
        """Make one rewrite that changes the program."""
        steps = [self.expression] * 6 + [self.inline, self.introduce, self.split, self.merge]
        while True:
            before, chosen = self.file, self.random.choice(steps)
            chosen()
            if self.file != before:
                self.done.append(chosen.__name__)
                return

    def expression(self) -> None:
        """Rewrite one place of one term or node."""
        owners = [s for s in self.file.statements if isinstance(s, ast.Term | ast.Node)]
        owner = self.random.choice(owners)
        places = [
            e for e in ast.walk(owner.expr) if isinstance(e, ast.Binary | ast.Call | ast.Neg)
        ]
        if not places:
            return
        place = self.random.choice(places)
        rules = [rule(place) for rule in self._rules()]
        found = [new for new in rules if new is not None and new != place]
        if found:
            new = self.random.choice(found)
            self._swap(owner, replace(owner, expr=_replaced(owner.expr, place, new)))

    def _rules(self) -> list[Rule]:
        return [
            _commuted,
            _regrouped,
            _negated,
            _spread_number,
            _spread_matrix,
            _spread_quotient,
            self._turned,
            _squares,
            _dots,
        ]

    def _turned(self, expr: ast.Expr) -> ast.Expr | None:
        """Transpose both sides: `W @ z` is `z @ W.T`."""
        if not isinstance(expr, ast.Binary) or expr.op != "@":
            return None
        left = expr.left
        if isinstance(left, ast.Name) and left.text in self.matrices:
            if isinstance(expr.right, ast.Name) and expr.right.text in self.matrices:
                return None
            return ast.Binary("@", expr.right, ast.Attr(left, _name("T")))
        if isinstance(left, ast.Attr) and left.name.text == "T":
            return ast.Binary("@", expr.right, left.base)
        return None

    def inline(self) -> None:
        """Write a node where it is used, once."""
        nodes = [s for s in self.file.statements if isinstance(s, ast.Node) and not s.plate]
        if not nodes:
            return
        node = self.random.choice(nodes)
        for owner in self.file.statements:
            uses = [
                e
                for e in (ast.walk(owner.expr) if isinstance(owner, ast.Term) else ())
                if e == node.name
            ]
            if uses and isinstance(owner, ast.Term):
                use = self.random.choice(uses)
                self._swap(owner, replace(owner, expr=_replaced(owner.expr, use, node.expr)))
                return

    def introduce(self) -> None:
        """Give a part of a term a name."""
        owners = [s for s in self.file.statements if isinstance(s, ast.Term) and not s.plate]
        if not owners:
            return
        owner = self.random.choice(owners)
        parts = [e for e in ast.walk(owner.expr) if isinstance(e, ast.Binary)]
        if not parts:
            return
        part, name = self.random.choice(parts), self._new_name()
        made = ast.Node("let", name, (), "=", part)
        self._swap(owner, replace(owner, expr=_replaced(owner.expr, part, name)))
        self.file = replace(self.file, statements=(*self.file.statements, made))

    def split(self) -> None:
        """Make two terms of a sum."""
        sums = [
            s
            for s in self.file.statements
            if isinstance(s, ast.Term) and isinstance(s.expr, ast.Binary) and s.expr.op in "+-"
        ]
        if not sums:
            return
        term = self.random.choice(sums)
        assert isinstance(term.expr, ast.Binary)
        right = term.expr.right if term.expr.op == "+" else ast.Neg(term.expr.right)
        other = replace(term, name=self._new_name(), expr=right)
        self._swap(term, replace(term, expr=term.expr.left))
        self.file = replace(self.file, statements=(*self.file.statements, other))

    def merge(self) -> None:
        """Make one term of two."""
        terms = [
            s
            for s in self.file.statements
            if isinstance(s, ast.Term) and s.kind != "loss" and not s.plate
        ]
        if len(terms) < 2:
            return
        first, second = self.random.sample(terms, 2)
        self._swap(first, replace(first, expr=ast.Binary("+", first.expr, second.expr)))
        kept = tuple(s for s in self.file.statements if s is not second)
        self.file = replace(self.file, statements=kept)

    def rename(self) -> dict[str, str]:
        """Give every variable another name; return the new names."""
        old = [s.name.text for s in self.file.statements if isinstance(s, ast.Variable)]
        new = [f"{chr(ord('a') + self.random.randrange(26))}_{i}" for i in range(len(old))]
        names = dict(zip(old, new, strict=True))
        self.file = _renamed(self.file, names)
        return names

    def _new_name(self) -> ast.Name:
        self.fresh += 1
        return _name(f"part_{self.fresh}")

    def _swap(self, old: ast.Statement, new: ast.Statement) -> None:
        kept = tuple(new if s is old else s for s in self.file.statements)
        self.file = replace(self.file, statements=kept)


def _commuted(expr: ast.Expr) -> ast.Expr | None:
    if isinstance(expr, ast.Binary) and expr.op in ("+", "*"):
        return ast.Binary(expr.op, expr.right, expr.left)
    return None


def _regrouped(expr: ast.Expr) -> ast.Expr | None:
    """(a + b) + c is a + (b + c)."""
    match expr:
        case ast.Binary(op="+", left=ast.Binary(op="+", left=a, right=b), right=c):
            return ast.Binary("+", a, ast.Binary("+", b, c))
        case _:
            return None


def _negated(expr: ast.Expr) -> ast.Expr | None:
    """A difference is a sum with what is negated; a minus is a factor."""
    match expr:
        case ast.Binary(op="-", left=a, right=b):
            return ast.Binary("+", a, ast.Neg(b))
        case ast.Neg(operand=a):
            return ast.Binary("*", ast.Neg(ast.Number(1)), a)
        case _:
            return None


def _spread_number(expr: ast.Expr) -> ast.Expr | None:
    """Distribute a number over a sum."""
    match expr:
        case ast.Binary(
            op="*",
            left=ast.Number() as c,
            right=ast.Binary(op="+" | "-" as op, left=a, right=b),
        ):
            return ast.Binary(op, ast.Binary("*", c, a), ast.Binary("*", c, b))
        case _:
            return None


def _spread_quotient(expr: ast.Expr) -> ast.Expr | None:
    """Divide every addend; or divide by two as a factor of one half."""
    match expr:
        case ast.Binary(op="/", left=ast.Binary(op="+" | "-" as op, left=a, right=b), right=c):
            return ast.Binary(op, ast.Binary("/", a, c), ast.Binary("/", b, c))
        case ast.Binary(op="/", left=a, right=ast.Number(value=2)):
            return ast.Binary("*", ast.Number(0.5), a)
        case _:
            return None


def _spread_matrix(expr: ast.Expr) -> ast.Expr | None:
    """Distribute a matrix over a sum; where there is none, over two halves."""
    match expr:
        case ast.Binary(op="@", left=m, right=ast.Binary(op="+" | "-" as op, left=a, right=b)):
            return ast.Binary(op, ast.Binary("@", m, a), ast.Binary("@", m, b))
        case ast.Binary(op="@", left=m, right=ast.Name() as v):
            half = ast.Binary("/", v, ast.Number(2))
            return ast.Binary("@", m, ast.Binary("+", half, half))
        case _:
            return None


def _squares(expr: ast.Expr) -> ast.Expr | None:
    """sq(u) is dot(u, u), sum(u^2), sum(u * u)."""
    if not _is_call(expr, "sq", 1):
        return None
    assert isinstance(expr, ast.Call)
    (u,) = expr.args
    assert not isinstance(u, ast.Range)
    choices = [
        _call("dot", u, u),
        _call("sum", ast.Binary("^", u, ast.Number(2))),
        _call("sum", ast.Binary("*", u, u)),
        _call("sq", ast.Neg(u)),
    ]
    return choices[len(repr(u)) % len(choices)]


def _dots(expr: ast.Expr) -> ast.Expr | None:
    """dot(u, v) is dot(v, u) and sum(u * v)."""
    if not _is_call(expr, "dot", 2):
        return None
    assert isinstance(expr, ast.Call)
    u, v = expr.args
    assert not isinstance(u, ast.Range)
    assert not isinstance(v, ast.Range)
    return _call("dot", v, u) if len(repr(u)) % 2 else _call("sum", ast.Binary("*", u, v))


def _replaced(whole: S, old: ast.Syntax, new: ast.Syntax) -> S:
    """Replace one place, known by identity."""
    if whole is old:
        return cast("S", new)
    changes: dict[str, Any] = {}
    for each in fields(whole):
        value = getattr(whole, each.name)
        if isinstance(value, ast.Syntax):
            changes[each.name] = _replaced(value, old, new)
        elif isinstance(value, tuple):
            changes[each.name] = tuple(
                _replaced(v, old, new) if isinstance(v, ast.Syntax) else v for v in value
            )
    return replace(whole, **changes)


def _renamed(node: S, names: dict[str, str]) -> S:
    if isinstance(node, ast.Name):
        return replace(node, text=names.get(node.text, node.text))
    changes: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, ast.Syntax):
            changes[each.name] = _renamed(value, names)
        elif isinstance(value, tuple):
            changes[each.name] = tuple(
                _renamed(v, names) if isinstance(v, ast.Syntax) else v for v in value
            )
    return replace(node, **changes)
