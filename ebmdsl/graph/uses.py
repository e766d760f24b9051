"""What an expression uses: names, and values that take the place of a variable."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ENERGIES = ("E", "F")


@final
@record
class Uses:
    """The names that an expression uses, in order, and its points: (name, in whose place)."""

    names: tuple[str, ...] = ()
    points: tuple[tuple[str, str], ...] = ()


NOTHING = Uses()


@final
@record
class Reader:
    """Reads expressions of a program; what a function of the user uses counts as well.

    `terms` names the terms, which can be asked for elsewhere as `F` can; `observed` are the
    variables whose place is taken where no name is written.
    """

    functions: Mapping[str, ast.Func]
    terms: frozenset[str]
    observed: tuple[str, ...]
    known: dict[str, Uses] = field(default_factory=dict[str, Uses], compare=False)

    @staticmethod
    def of(statements: Iterable[ast.Statement]) -> Reader:
        """Return a reader for a program."""
        every = tuple(statements)
        return Reader(
            {each.name.text: each for each in every if isinstance(each, ast.Func)},
            frozenset(each.name.text for each in every if isinstance(each, ast.Term)),
            tuple(
                each.name.text
                for each in every
                if isinstance(each, ast.Variable) and each.declare == "observed"
            ),
        )

    def uses(self, part: ast.Syntax) -> Uses:
        """Return what an expression uses."""
        match part:
            case ast.Name(text=text):
                return Uses((text,))
            case ast.Call(function=ast.Name(text=word)) if word in self.functions:
                return self._called(part, self.functions[word])
            case ast.Call(function=ast.Name(text=word)) if word in {*ENERGIES, *self.terms}:
                return joined((Uses((word,)), self._elsewhere(part)))
            case ast.Named():
                return self.uses(part.value)
            case ast.Attr():
                return self.uses(part.base)
            case _:
                return joined(self.uses(each) for each in ast.children(part))

    def _elsewhere(self, call: ast.Call) -> Uses:
        """Lead what stands in the brackets of `F(…)` to the variable that it replaces."""
        pairs = [(each.name.text, each.value) for each in call.named]
        pairs += zip(self.observed, call.args, strict=False)
        found = [(target, self.uses(value)) for target, value in pairs]
        points = tuple((name, target) for target, inside in found for name in inside.names)
        return joined((Uses((), points), *(Uses((), inside.points) for _, inside in found)))

    def _called(self, call: ast.Call, function: ast.Func) -> Uses:
        body = self._body(function)
        params = [each.text for each in function.params]
        values = dict(zip(params, map(self.uses, call.args), strict=False))
        values |= {each.name.text: self.uses(each.value) for each in call.named}
        names = joined(values.get(name, Uses((name,))) for name in body.names)
        points = tuple(
            (name, target)
            for inside, target in body.points
            for name in values.get(inside, Uses((inside,))).names
        )
        inside = (Uses((), value.points) for value in values.values())
        return joined((names, Uses((), points), *inside))

    def _body(self, function: ast.Func) -> Uses:
        name = function.name.text
        if name not in self.known:
            self.known[name] = NOTHING
            self.known[name] = self.uses(function.expr)
        return self.known[name]


def joined(parts: Iterable[Uses]) -> Uses:
    """Put together what several expressions use, each name once."""
    every = tuple(parts)
    names = dict.fromkeys(name for part in every for name in part.names)
    points = dict.fromkeys(point for part in every for point in part.points)
    return Uses(tuple(names), tuple(points))
