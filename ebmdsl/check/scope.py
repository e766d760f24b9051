"""The names of a program: who declares them, and what they turn out to be."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, final

from ebmdsl._record import record
from ebmdsl.check.mistakes import (
    DuplicateName,
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
from ebmdsl.syntax.mistakes import TooDeep

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Schedule
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.mistake import Mistake
    from ebmdsl.source.text import Span
    from ebmdsl.syntax.lost import Lost

R = TypeVar("R")
RESERVED = ("E", "F", "logZ")
MAX_DEPTH = 160
"""How many operations stand inside one another, so that later phases may recurse on them."""
MAX_WORKING = 256
"""How many definitions are worked on at once, each inside the one that uses it."""
MAX_WRITTEN = 10_000
"""How often definitions are written out, so that a few lines cannot stand for billions."""
MAX_COMPARED = 50_000
"""How many names are compared with misspelt ones, so that many mistakes take no longer."""
DECLARABLE = frozenset(
    {
        *("name", "function", "layer", "variable", "distribution", "data set", "schedule"),
        *("latent", "observed variable", "parameter", "hyper-parameter", "model"),
        *("index", "index or dimension", "thing to learn"),
    }
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
    What is `per_sample` is part of the model, even where a report calls it.
    """

    values: dict[str, Node] = field(default_factory=dict[str, Any])
    plates: dict[str, Plate] = field(default_factory=dict[str, Any])
    report: str = ""
    place: str = ""
    functions: dict[str, Callee] = field(default_factory=dict[str, Any])
    calls: tuple[Span, ...] = ()
    per_sample: bool = False


@final
@record
class Closure:
    """A function without a name, with the names it can see where it is written."""

    expr: ast.Lambda
    local: Local
    working: tuple[str, ...] = ()


Callee = Closure | Template | ast.Func | ast.Name


def place(bound: Bound) -> Span:
    """Return where a name was declared."""
    match bound:
        case Template():
            return bound.statement.name.span
        case ast.Func():
            return bound.name.span
        case _:
            return bound.span


def _bound_by(statement: Named) -> tuple[ast.Name, ...]:
    """List the names that a statement binds inside: indices, or arguments."""
    match statement:
        case ast.Variable() | ast.Node() | ast.Term() | ast.Negative():
            return tuple(binder.name for binder in statement.plate)
        case ast.Func():
            return statement.params
        case _:
            return ()


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
    read: Callable[[Scope, ast.Expr], Node] | None = None
    schedules: dict[str, Schedule] = field(default_factory=dict[str, Any])
    bring: Callable[[ast.Use, dict[str, Any]], Used | tuple[Mistake, ...]] | None = None
    lost: Lost | None = None
    known: dict[str, Any] = field(default_factory=dict[str, Any])
    compared: int = 0
    written: int = 0
    is_limited: bool = False
    depths: dict[Node, int] = field(default_factory=dict[Any, Any])

    def has_lost(self, name: str, what: str = "name") -> bool:
        """Tell whether a broken statement, which was not read, may have declared a name."""
        if self.lost is None:
            return False
        return name in self.lost.names or (self.lost.is_open and what in DECLARABLE)

    def declare(self, statement: Named) -> None:
        """Add a declaration; a second one of the same name is a mistake."""
        name = statement.name
        self._check_bound(_bound_by(statement))
        if name.text in RESERVED:
            self.found.report(ReservedName(name.span, name.text))
            self.failed.add(name.text)
            return
        hyper = self.bound.get(name.text)
        if isinstance(hyper, Hyper):
            self.found.report(DuplicateName(name.span, name.text, hyper.span))
            self.failed.add(name.text)
            del self.bound[name.text]
            return
        first = self.statements.setdefault(name.text, statement)
        if first is not statement:
            self.found.report(DuplicateName(name.span, name.text, first.name.span))
        if type(first) is not type(statement):
            self.failed.add(name.text)  # nobody knows which of them is meant

    def _check_bound(self, names: tuple[ast.Name, ...]) -> None:
        """Report indices and arguments with reserved names, or with one name for two."""
        first: dict[str, ast.Name] = {}
        for name in names:
            known = first.setdefault(name.text, name)
            if name.text in RESERVED:
                self.found.report(ReservedName(name.span, name.text))
            if known is not name:
                self.found.report(DuplicateName(name.span, name.text, known.span))

    def reject(self, mistake: Mistake) -> RejectedError:
        """Report a mistake, unless it may follow from another, and return what to raise."""
        if not self._may_follow(mistake):
            self.found.report(mistake)
        return RejectedError()

    def _may_follow(self, mistake: Mistake) -> bool:
        """Tell whether a mistake is about a name that a broken statement may have declared."""
        if isinstance(mistake, UnknownName):
            return self.has_lost(mistake.name, mistake.what)
        name = mistake.span.text if self.lost is not None else ""
        is_known = name in self.statements or name in self.bound
        return name.isidentifier() and not is_known and self.has_lost(name)

    def once(self, what: str, make: Callable[[], R]) -> R:
        """Return what is the same for the whole program; it is computed once."""
        if what not in self.known:
            self.known[what] = make()
        found: R = self.known[what]
        return found

    def note(self, node: Node, span: Span) -> None:
        """Remember that a node was written here."""
        self.origins.setdefault(node, {})[span] = None
        if self._depth(node) > MAX_DEPTH:
            raise self.reject(TooDeep(span, f"more than {MAX_DEPTH} operations are nested"))

    def _depth(self, node: Node) -> int:
        """How many operations stand inside one another; those before it are known mostly."""
        pending = [node]
        while pending:
            last = pending[-1]
            missing = [each for each in last.args if each not in self.depths]
            pending += missing
            if not missing:
                inside = (self.depths[each] for each in last.args)
                self.depths[pending.pop()] = 1 + max(inside, default=0)
        return self.depths[node]

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
        self._enter(name, at=statement.name.span)
        try:
            assert self.resolve is not None
            self.bound[name] = self.resolve(self, statement)
        except RejectedError:
            self.failed.add(name)
            raise
        finally:
            self.working.remove(name)
        return self.bound[name]

    def _enter(self, name: str, *, at: Span) -> None:
        """Begin a definition inside those that use it, unless they are too many."""
        if len(self.working) >= MAX_WORKING:
            what = f"more than {MAX_WORKING} definitions use one another"
            raise self._limited(at, what)
        self.working.append(name)

    def _write_out(self, at: Span) -> None:
        """Count a definition that is written out where it is used."""
        self.written += 1
        limit = MAX_WRITTEN + 10 * len(self.statements)
        if self.written > limit:
            raise self._limited(at, f"definitions are written out more than {limit:,} times")

    def _limited(self, at: Span, what: str) -> RejectedError:
        """Report the limit that is met first; the next one is met because of it."""
        if self.is_limited:
            return RejectedError()
        self.is_limited = True
        return self.reject(TooDeep(at, what))

    @contextmanager
    def outside(self, working: tuple[str, ...]) -> Generator[None, None, None]:
        """Work on what was written where only these definitions were worked on."""
        before, self.working = self.working, [*working]
        try:
            yield
        finally:
            self.working = before

    @contextmanager
    def inside(self, name: ast.Name, at: Span) -> Generator[None, None, None]:
        """Work on a definition that is used at a place; it must not be used in itself."""
        if name.text in self.working:
            raise self.reject(UsesItself(at, name.text, name.span))
        self._write_out(at)
        self._enter(name.text, at=at)
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
        candidates = (*self.bound, *self.statements, *known)
        self.compared += len(candidates)
        wanted = candidates if self.compared <= MAX_COMPARED else ()
        return self.reject(UnknownName(name.span, name.text, wanted, what))
