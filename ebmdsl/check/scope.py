"""The names of a program: who declares them, and what they turn out to be."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from ebmdsl._record import record
from ebmdsl.check.coming import COMING
from ebmdsl.check.mistakes import (
    DuplicateName,
    NotSupportedYet,
    ReservedName,
    UnknownName,
    UsesItself,
)
from ebmdsl.check.model import Block, Data, Declared, Hyper, Memory, Net, Term, Used
from ebmdsl.check.net_mistakes import LayerOutsideNet
from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Layer
from ebmdsl.expr.node import Node, Plate
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Schedule
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.mistake import Mistake
    from ebmdsl.source.text import Span
    from ebmdsl.syntax.lost import Lost

RESERVED = ("E", "F", "logZ")
MAX_COMPARED = 50_000
"""How many names are compared with misspelt ones, so that many mistakes take no longer."""
DECLARABLE = frozenset(
    ("name", "function", "layer", "variable", "distribution", "data set", "schedule")
    + ("latent", "observed variable", "parameter", "hyper-parameter")
)
"""What a user can declare, as the messages about unknown names call it."""


@final
class RejectedError(Exception):
    """What was asked for cannot be had; the mistake has been reported already."""


@final
@record
class Template:
    """A net before its first use; a moving average of another one remembers it."""

    statement: ast.Net
    learned: bool = True
    memory: Memory | None = None


Bound = Hyper | Declared | Block | Term | Data | Used | Template | ast.Func | ast.Statement
Named = (
    ast.Use
    | ast.Data
    | ast.Variable
    | ast.Net
    | ast.State
    | ast.Func
    | ast.Node
    | ast.Term
    | ast.Negative
    | ast.Report
)


@final
@record
class Local:
    """What is known only inside one expression: function arguments, indices, the split.

    `place` is where the expression stands: in the "energy", in a "loss", or at the "start",
    which is an initial value or a law; `calls` are the calls of functions that lead here.
    """

    values: dict[str, Node] = field(default_factory=dict[str, Any])
    plates: dict[str, Plate] = field(default_factory=dict[str, Any])
    report: str = ""
    place: str = ""
    functions: dict[str, Callee] = field(default_factory=dict[str, Any])
    calls: tuple[Span, ...] = ()


@final
@record
class Closure:
    """A function without a name, with the names it can see where it is written."""

    expr: ast.Lambda
    local: Local


Callee = Closure | Template | ast.Func | ast.Name


@final
@dataclass(slots=True)
class Scope:
    """Names on demand: a declaration is checked when it is first asked for."""

    found: Diagnostics
    statements: dict[str, Named] = field(default_factory=dict[str, Any])
    bound: dict[str, Any] = field(default_factory=dict[str, Any])
    nets: dict[str, Net] = field(default_factory=dict[str, Any])
    working: list[str] = field(default_factory=list[str])
    failed: set[str] = field(default_factory=set[str])
    origins: dict[Node, dict[Span, None]] = field(default_factory=dict[Any, Any])
    resolve: Callable[[Scope, Named], Bound] | None = None
    file: ast.File | None = None
    schedules: dict[str, Schedule] = field(default_factory=dict[str, Any])
    bring: Callable[[ast.Use, dict[str, Any]], Used | tuple[Mistake, ...]] | None = None
    lost: Lost | None = None
    compared: int = 0

    def has_lost(self, name: str, what: str = "name") -> bool:
        """Tell whether a broken statement, which was not read, may have declared a name."""
        if self.lost is None:
            return False
        return name in self.lost.names or (self.lost.is_open and what in DECLARABLE)

    def declare(self, statement: Named) -> None:
        """Add a declaration; a second one of the same name is a mistake."""
        name = statement.name
        if name.text in RESERVED:
            self.found.report(ReservedName(name.span, name.text))
            return
        hyper = self.bound.get(name.text)
        if isinstance(hyper, Hyper):
            self.found.report(DuplicateName(name.span, name.text, hyper.span))
            return
        first = self.statements.setdefault(name.text, statement)
        if first is not statement:
            self.found.report(DuplicateName(name.span, name.text, first.name.span))

    def reject(self, mistake: Mistake) -> RejectedError:
        """Report a mistake, unless it may follow from another, and return what to raise."""
        is_name = isinstance(mistake, UnknownName)
        if not (is_name and self.has_lost(mistake.name, mistake.what)):
            self.found.report(mistake)
        return RejectedError()

    def note(self, node: Node, span: Span) -> None:
        """Remember that a node was written here."""
        self.origins.setdefault(node, {})[span] = None

    def get(self, name: str) -> Bound | None:
        """Return what a name is bound to; None where no declaration has it or sees itself."""
        if name in self.working:
            return None
        if name in self.bound:
            return self.bound[name]
        if name in self.failed:
            raise RejectedError
        statement = self.statements.get(name)
        if statement is None and self.lost is not None and name in self.lost.names:
            raise RejectedError
        if statement is None:
            return None
        self.working.append(name)
        try:
            assert self.resolve is not None
            self.bound[name] = self.resolve(self, statement)
        except RejectedError:
            self.failed.add(name)
            raise
        finally:
            self.working.remove(name)
        return self.bound[name]

    @contextmanager
    def inside(self, name: ast.Name, at: Span) -> Generator[None, None, None]:
        """Work on a definition that is used at a place; it must not be used in itself."""
        if name.text in self.working:
            raise self.reject(UsesItself(at, name.text, name.span))
        self.working.append(name.text)
        try:
            yield
        finally:
            self.working.remove(name.text)

    def unknown(self, name: ast.Name, what: str, *, known: tuple[str, ...]) -> RejectedError:
        """Report an unknown name with the nearest known ones."""
        if name.text in self.working:
            return self.reject(
                UsesItself(name.span, name.text, self.statements[name.text].name.span)
            )
        if self.has_lost(name.text, what):
            return RejectedError()
        if what in ("name", "function") and find(Layer, name.text) is not None:
            return self.reject(LayerOutsideNet(name.span, name.text))
        if name.text in COMING:
            return self.reject(NotSupportedYet(name.span, f"the {what} `{name.text}`"))
        candidates = (*self.bound, *self.statements, *known)
        self.compared += len(candidates)
        wanted = candidates if self.compared <= MAX_COMPARED else ()
        return self.reject(UnknownName(name.span, name.text, wanted, what))
