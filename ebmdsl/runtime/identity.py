"""What makes a run the run of a program: its text, its hyper-parameters, its settings."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ebmdsl.concepts.kinds import Schedule
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file

if TYPE_CHECKING:
    from ebmdsl.check.model import Settings
    from ebmdsl.compilation import Compilation
    from ebmdsl.plan.plan import Plan
    from ebmdsl.runtime.config import RunSettings


def program_text(compilation: Compilation) -> str:
    """Print the program with everything that it extends written in."""
    assert compilation.file is not None
    assert compilation.whole is not None
    alone = compilation.file.header.extends is None
    source = compilation.source if alone else Source(compilation.source.name, "")
    return format_file(compilation.whole, source)


def digest_of(program: str, plan: Plan) -> str:
    """Hash a program together with its hyper-parameters."""
    hypers = json.dumps(hypers_of(plan), sort_keys=True)
    return hashlib.sha256(f"{program}\n{hypers}".encode()).hexdigest()


def hypers_of(plan: Plan) -> dict[str, Any]:
    """Return the number or the word of every hyper-parameter; schedules are in the text."""
    found = ((hyper.name, hyper.value) for hyper in plan.model.hypers)
    return {name: value for name, value in found if not isinstance(value, Schedule)}


def settings_of(plan: Plan, recorded: RunSettings) -> Settings:
    """Return the settings that a run was made with."""
    return replace(
        plan.model.settings,
        epochs=recorded.epochs,
        steps=recorded.steps,
        batch=recorded.batch,
        seed=recorded.seed,
        precision=recorded.precision,
        restarts=recorded.restarts,
    )
