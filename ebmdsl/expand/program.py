"""What a strategy may ask about the program that it writes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Declared, Model
    from ebmdsl.concepts.shape import Shape
    from ebmdsl.source.text import Span

RESERVED = frozenset({"E", "F", "logZ"})


@final
@record
class Expandable:
    """A checked model as the program that a strategy writes out."""

    model: Model

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of the observed variables."""
        return tuple(each.name for each in self.model.with_role("observed"))

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the variables that are conditioned on."""
        return tuple(each.name for each in self.model.with_role("given"))

    @property
    def losses(self) -> tuple[str, ...]:
        """Names of the terms that are added to what a strategy minimizes."""
        return tuple(term.name for term in self.model.terms if not term.in_energy)

    @property
    def generators(self) -> tuple[str, ...]:
        """Names of the generator nodes."""
        return tuple(each.name for each in self.model.blocks if each.role == "generator")

    def trained(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the names, or every parameter that no other `train` names."""
        taken = {name for train in self.model.trains for name in train.names}
        return names or tuple(each for each in self.model.parameters if each not in taken)

    def domain(self, name: str) -> str:
        """Return the domain of a variable."""
        return self._declared(name).quantity.domain.name

    def alphabet(self, name: str) -> int:
        """Return how many signs the entries of a variable are chosen from; 0 for no tokens."""
        declared = self._declared(name)
        domain = declared.quantity.domain
        if domain.name == "onehot":
            return declared.shape[-1]
        return domain.size if domain.name == "token" else 0

    def shape(self, name: str) -> Shape:
        """Return the shape of one sample of a variable."""
        return self._declared(name).shape

    def source(self, name: str) -> str:
        """Return where the values of a variable come from, as it was written, or nothing."""
        origin = self._written(name).from_
        return origin.span.text if origin is not None else ""

    def plate(self, name: str) -> str:
        """Return the plate of a variable as it was written, or nothing."""
        binders = [binder.span.text for binder in self._written(name).plate]
        return f"[{', '.join(binders)}]" if binders else ""

    def learned(self, name: str) -> tuple[str, ...]:
        """Name the parameters that a node depends on."""
        block = next(each for each in self.model.blocks if each.name == name)
        return tuple(each for each in self.model.parameters if each in block.node.names)

    def fresh(self, name: str) -> str:
        """Return this name, or with the first number that makes it new."""
        used = RESERVED | {each.text for each in _names(self.model.file)}
        candidates = (name, *(f"{name}{number}" for number in range(2, len(used) + 3)))
        return next(each for each in candidates if each not in used)

    def fed(self, name: str, text: str, *, drawn: str = "") -> tuple[str, ...]:
        """Rewrite what encoders and predictors see: `text` in the place of a variable.

        Where the variable has an index, so have its names in the text, and what is `drawn`.
        """
        seers = (
            each
            for each in self.model.file.statements
            if isinstance(each, ast.Node) and each.role in ("encoder", "predictor")
        )
        names = (name, drawn) if drawn else (name,)
        pairs = ((each, _places(each.expr, name, text=text, names=names)) for each in seers)
        return tuple(_respelled(each, dict(places)) for each, places in pairs if places)

    def costs(self) -> tuple[tuple[str, str, str], ...]:
        """List the costs: name, index (empty without a plate) and expression."""
        return tuple(
            (each.name.text, each.plate[0].name.text if each.plate else "", each.expr.span.text)
            for each in self.model.file.statements
            if isinstance(each, ast.Term) and each.kind == "cost"
        )

    def _declared(self, name: str) -> Declared:
        found = self.model.find(name)
        assert found is not None, f"`{name}` is no variable"
        return found

    def _written(self, name: str) -> ast.Variable:
        return next(
            each
            for each in self.model.file.statements
            if isinstance(each, ast.Variable) and each.name.text == name
        )


def _names(node: ast.Syntax) -> Iterator[ast.Name]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Name))


def _places(
    node: ast.Syntax, name: str, *, text: str, names: tuple[str, ...]
) -> list[tuple[Span, str]]:
    """Pair the places where a variable stands for a value with what stands there instead."""
    match node:
        case ast.Name():
            return [(node.span, text)] if node.text == name else []
        case ast.Named():
            return _places(node.value, name, text=text, names=names)
        case ast.Attr():
            return _places(node.base, name, text=text, names=names)
        case ast.At(base=ast.Name(text=found)) if found == name:
            index = node.span.text[len(node.base.span.text) :]
            word = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
            return [(node.span, word.sub(lambda match: match[0] + index, text))]
        case _:
            below = (_places(each, name, text=text, names=names) for each in ast.children(node))
            return [place for places in below for place in places]


def _respelled(statement: ast.Node, places: dict[Span, str]) -> str:
    """Write a statement with other texts in these places."""
    written, start = statement.span.text, statement.span.start
    for place in sorted(places, key=lambda span: -span.start):
        before, after = written[: place.start - start], written[place.end - start :]
        text = places[place]
        whole = text if _bracketed(before, after) else f"({text})"
        written = before + whole + after
    return written


def _bracketed(before: str, after: str) -> bool:
    """Tell whether brackets already hold what stands between: `enc(y)`."""
    return before.rstrip()[-1:] in ("(", ",") and after.lstrip()[:1] in (")", ",")
