"""Diagnostics as text: for people, for tools, for logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal, assert_never

from ebmdsl.source.cells import visible
from ebmdsl.source.diagnostic import Diagnostic, Diagnostics
from ebmdsl.source.frame import Mark, frame, suggestion
from ebmdsl.source.paint import Paint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ebmdsl.source.diagnostic import Fix
    from ebmdsl.source.text import Span

Format = Literal["human", "short", "json", "github"]
FORMAT_VERSION = "1.0"
_HELP_WIDTH = 54


def show(
    diagnostics: Diagnostics | Iterable[Diagnostic],
    format: Format = "human",
    *,
    color: bool = False,
) -> str:
    """Write diagnostics in one of four forms; nothing where there are none, except in JSON."""
    found = diagnostics.all if isinstance(diagnostics, Diagnostics) else tuple(diagnostics)
    match format:
        case "human":
            return _human(found, Paint(color))
        case "short":
            return "\n".join(_short(each) for each in found)
        case "json":
            return _json(found)
        case "github":
            return "\n".join(_github(each) for each in found)
        case _:
            assert_never(format)


def _human(found: tuple[Diagnostic, ...], paint: Paint) -> str:
    blocks = ["\n".join(_block(each, paint)) for each in found]
    return "\n\n".join([*blocks, summary(found)]) + "\n" if found else ""


def summary(found: tuple[Diagnostic, ...]) -> str:
    """One line: how many errors and warnings, how many can be fixed, where to read more."""
    errors = sum(each.severity == "error" for each in found)
    counts = _count(errors, "error"), _count(len(found) - errors, "warning")
    fixable = sum(each.fix is not None for each in found)
    text = ", ".join(each for each in counts if each)
    text += f" ({fixable} fixable)" if fixable else ""
    names = ", ".join(dict.fromkeys(visible(each.span.source.name) for each in found))
    return f"{names}: {text}    ebmc explain {found[0].id}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number > 1)}" if number else ""


def _block(found: Diagnostic, paint: Paint) -> Iterator[str]:
    title = paint(f"{found.severity}[{found.id}]", found.severity)
    yield f"{title}{paint(f': {visible(found.message)}', 'bold')}"
    gutter = _gutter(found)
    if found.span.source.text or found.span.source.name:
        yield from _frames(found, paint, gutter=gutter)
    for note in found.notes:
        yield f"{paint('note', 'note')}: {visible(note)}"
    if found.help or found.fix:
        yield from _help(found, paint, gutter=gutter)


def _gutter(found: Diagnostic) -> int:
    spans = [found.span, *(label.span for label in found.labels)]
    lines = [span.line for span in spans]
    if found.fix:
        lines.append(found.fix.span.line + found.fix.replacement.count("\n"))
    return len(str(max(lines)))


def _frames(found: Diagnostic, paint: Paint, *, gutter: int) -> Iterator[str]:
    """One frame for each file that the diagnostic is about, its own first."""
    primary = Mark(found.span, "^", found.text, found.severity)
    marks = [primary, *(Mark(each.span, "-", each.text, "label") for each in found.labels)]
    sources = list(dict.fromkeys(mark.span.source for mark in marks))
    for source in sources:
        inside = [mark for mark in marks if mark.span.source is source]
        arrow = "-->" if source is found.span.source else ":::"
        yield paint.gutter(" " * gutter + arrow) + f" {_place(inside[0].span)}"
        yield paint.gutter(" " * gutter + " |")
        yield from frame(inside, paint, gutter=gutter)
    if found.notes or found.help or found.fix:
        yield paint.gutter(" " * gutter + " |")


def _place(span: Span) -> str:
    return visible(str(span))


def _help(found: Diagnostic, paint: Paint, *, gutter: int) -> Iterator[str]:
    text = visible(found.help) or "replace it"
    if found.fix is None:
        yield f"{paint('help', 'help')}: {text}"
        return
    how = "(safe: --fix)" if found.fix.safe else "(review it: --unsafe-fixes)"
    padded = f"help: {text}".ljust(_HELP_WIDTH).removeprefix("help")
    yield f"{paint('help', 'help')}{padded} {how}"
    yield paint.gutter(" " * gutter + " |")
    yield from suggestion(found.fix, paint, gutter=gutter)


def _short(found: Diagnostic) -> str:
    return f"{_place(found.span)}: {found.severity}[{found.id}]: {visible(found.message)}"


def _json(found: tuple[Diagnostic, ...]) -> str:
    errors = sum(each.severity == "error" for each in found)
    data = {
        "format_version": FORMAT_VERSION,
        "valid": not errors,
        "error_count": errors,
        "warning_count": len(found) - errors,
        "fixable_count": sum(each.fix is not None for each in found),
        "diagnostics": [_record(each) for each in found],
    }
    return json.dumps(data, indent=2, ensure_ascii=False)


def _record(found: Diagnostic) -> dict[str, object]:
    return {
        "id": found.id,
        "severity": found.severity,
        "message": found.message,
        "span": _stretch(found.span),
        "text": found.text,
        "labels": [{"span": _stretch(one.span), "text": one.text} for one in found.labels],
        "notes": list(found.notes),
        "help": found.help,
        "fix": _fix(found.fix) if found.fix else None,
        "rendered": "\n".join(_block(found, Paint(color=False))),
    }


def _fix(fix: Fix) -> dict[str, object]:
    return {
        "span": _stretch(fix.span),
        "replacement": fix.replacement,
        "applicability": "safe" if fix.safe else "unsafe",
    }


def _stretch(span: Span) -> dict[str, object]:
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": span.line,
        "column": span.column,
        "end_line": end_line,
        "end_column": end_column,
    }


def _github(found: Diagnostic) -> str:
    place = _stretch(found.span)
    fields = {
        "file": place["file"],
        "line": place["line"],
        "col": place["column"],
        "endLine": place["end_line"],
        "endColumn": place["end_column"],
        "title": found.id,
    }
    listed = ",".join(f"{key}={_escape(str(value))}" for key, value in fields.items())
    message = f"{found.message}; {found.help}" if found.help else found.message
    return f"::{found.severity} {listed}::{_escape_message(message)}"


def _escape_message(text: str) -> str:
    lines = text.replace("%", "%25").replace("\r", "").split("\n")
    return "%0A".join(map(visible, lines))


def _escape(text: str) -> str:
    return _escape_message(text).replace(":", "%3A").replace(",", "%2C")
