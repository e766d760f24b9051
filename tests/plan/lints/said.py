"""What the lints say of small programs."""

from __future__ import annotations

from typing import Any

from ebmdsl.compilation import Compilation
from ebmdsl.plan.lints.subject import Subject, subject_of
from ebmdsl.source.diagnostic import Diagnostic
from ebmdsl.source.show import show
from ebmdsl.source.text import Source


def found(program: str, **overrides: Any) -> tuple[Diagnostic, ...]:
    """What is said of a program up to its plan."""
    compilation = Compilation(Source("program.ebm", program), overrides)
    assert compilation.expanded is not None, show(compilation.diagnostics, format="short")
    assert compilation.plan is not None or not compilation.diagnostics.ok
    return compilation.diagnostics.all


def ids(program: str, **overrides: Any) -> list[str]:
    """The ids of what is said, in the order of the source."""
    return [each.id for each in found(program, **overrides)]


def subject(program: str) -> Subject:
    """A program as the lints see it."""
    compilation = Compilation(Source("program.ebm", program))
    written, model = compilation.model, compilation.expanded
    assert written is not None
    assert model is not None
    return subject_of(written, model, whole=model)
