"""All lints, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.plan.lints.collapse import collapse
from ebmdsl.plan.lints.subject import subject_of
from ebmdsl.plan.lints.unbounded_gain import unbounded_gain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ebmdsl.check.model import Model
    from ebmdsl.plan.lints.subject import Subject
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.mistake import Mistake

LINTS: tuple[Callable[[Subject], Iterable[Mistake]], ...] = (collapse, unbounded_gain)


def lint(written: Model, model: Model, *, found: Diagnostics) -> None:
    """Report what a program says that it surely does not mean.

    `written` is the program with its strategies by name, `model` with them written out.
    """
    pairs = {each.name: each.model for each in written.stages}
    stages = [(pairs.get(each.name, each.model), each.model) for each in model.stages]
    for one, core in [(written, model), *stages]:
        subject = subject_of(one, core, whole=model)
        for mistake in (mistake for each in LINTS for mistake in each(subject)):
            found.report(mistake)
