"""Small programs, checked."""

from __future__ import annotations

from ebmdsl.check.check import check
from ebmdsl.check.model import Model, Term
from ebmdsl.source.diagnostic import Diagnostic, Diagnostics
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse

Said = list[tuple[str, int, int]]


def _both(body: str, overrides: dict[str, object]) -> tuple[Model | None, Diagnostics]:
    file, found = parse(Source("program.ebm", body))
    assert file is not None, show(found, format="short")
    assert found.ok, show(found, format="short")
    mistakes = Diagnostics()
    return check(file, mistakes, overrides=overrides), mistakes


def checked(body: str, **overrides: object) -> Model:
    """The model of a program without mistakes."""
    model, found = _both(body, overrides)
    assert model is not None, show(found, format="short")
    return model


def said(body: str, **overrides: object) -> Said:
    """The mistakes of a program: id, line and column, in the order of the source."""
    _, found = _both(body, overrides)
    return [(each.id, each.span.line, each.span.column) for each in found.all]


def messages(body: str, **overrides: object) -> list[str]:
    """The messages and helps of a program's mistakes."""
    _, found = _both(body, overrides)
    return [f"{each.message} | {each.help}" for each in found.all]


def diagnostics(body: str, **overrides: object) -> list[Diagnostic]:
    """The mistakes of a program, with all that is shown of them."""
    _, found = _both(body, overrides)
    return list(found.all)


def diagnosed(body: str, **overrides: object) -> tuple[Diagnostic, ...]:
    """The mistakes of a program, whole."""
    return _both(body, overrides)[1].all


def term(body: str, name: str = "e") -> Term:
    """A term of a program, by name."""
    return next(each for each in checked(body).terms if each.name == name)
