"""Diagnostics as data, to be rendered later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, final

from ebmdsl._record import record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ebmdsl.source.mistake import Mistake
    from ebmdsl.source.silencer import Silencer
    from ebmdsl.source.text import Span

Severity = Literal["error", "warning"]
_Key = tuple[str, str, int, int, str]
_Held = tuple[str, int, str]


@final
@record
class Label:
    """A second place that matters, and what there is to see."""

    span: Span
    text: str = ""


@final
@record
class Fix:
    """A replacement that mends the mistake; a safe one may be applied without review."""

    span: Span
    replacement: str
    safe: bool


@final
@record
class Diagnostic:
    """One mistake, ready to be shown: where, what, why and what to do."""

    id: str
    severity: Severity
    message: str
    span: Span
    text: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    fix: Fix | None = None


@final
@dataclass(slots=True)
class Diagnostics:
    """What the phases reported so far; true while there is no error."""

    _found: dict[_Key, Diagnostic] = field(default_factory=dict[_Key, Diagnostic])
    _held: dict[_Held, Silencer] = field(default_factory=dict[_Held, Any])
    _used: dict[int, Silencer] = field(default_factory=dict[int, Any])

    def silence(self, silencers: Iterable[Silencer]) -> None:
        """Drop the warnings that these silencers name, when they are reported."""
        known: set[tuple[str, range, str]] = set()
        for each in silencers:
            name, id = each.span.source.name, each.id
            self._held.setdefault((name, each.span.line, id), each)
            lines = () if (name, each.lines, id) in known else each.lines
            known.add((name, each.lines, id))
            for line in lines:
                self._held.setdefault((name, line, id), each)

    def has_used(self, silencer: Silencer) -> bool:
        """Tell whether a silencer dropped a warning so far."""
        return id(silencer) in self._used

    def report(self, what: Mistake | Diagnostic) -> None:
        """Add a diagnostic; the same one at the same place is kept once."""
        found = what if isinstance(what, Diagnostic) else what.diagnostic()
        span = found.span
        if found.severity == "warning" and self._held:
            silencer = self._held.get((span.source.name, span.line, found.id))
            if silencer is not None:
                self._used[id(silencer)] = silencer
                return
        key = (found.id, span.source.name, span.start, span.end, found.message)
        self._found.setdefault(key, found)

    @property
    def all(self) -> tuple[Diagnostic, ...]:
        """Every diagnostic, in the order of the text."""
        return tuple(sorted(self._found.values(), key=_place))

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that stop the compiler."""
        return tuple(found for found in self.all if found.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that do not stop the compiler."""
        return tuple(found for found in self.all if found.severity == "warning")

    @property
    def ok(self) -> bool:
        """Whether there is no error."""
        return not self.errors

    def __bool__(self) -> bool:
        return self.ok


def _place(found: Diagnostic) -> tuple[str, int, int, str, str]:
    return found.span.source.name, found.span.start, found.span.end, found.id, found.message
