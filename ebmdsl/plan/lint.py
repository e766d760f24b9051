"""All lints, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.plan.lints.collapse import collapse
from ebmdsl.plan.lints.disconnected_term import disconnected_term
from ebmdsl.plan.lints.infinite_partition import infinite_partition
from ebmdsl.plan.lints.missing_stop import missing_stop
from ebmdsl.plan.lints.negatives_equal_positives import negatives_equal_positives
from ebmdsl.plan.lints.not_twice_differentiable import not_twice_differentiable
from ebmdsl.plan.lints.step_too_large import step_too_large
from ebmdsl.plan.lints.subject import subject_of
from ebmdsl.plan.lints.too_many_states import too_many_states
from ebmdsl.plan.lints.truncated_plate import truncated_plate
from ebmdsl.plan.lints.unbounded_gain import unbounded_gain
from ebmdsl.plan.lints.unbounded_noise import unbounded_noise
from ebmdsl.plan.lints.uncentered_data import uncentered_data
from ebmdsl.plan.lints.unreached_param import unreached_param
from ebmdsl.plan.lints.unused_declaration import unused_declaration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ebmdsl.check.model import Model
    from ebmdsl.plan.lints.subject import Subject
    from ebmdsl.source.diagnostic import Diagnostics
    from ebmdsl.source.mistake import Mistake

LINTS: tuple[Callable[[Subject], Iterable[Mistake]], ...] = (
    collapse,
    unbounded_gain,
    unbounded_noise,
    disconnected_term,
    unused_declaration,
    unreached_param,
    not_twice_differentiable,
    infinite_partition,
    too_many_states,
    step_too_large,
    negatives_equal_positives,
    missing_stop,
    uncentered_data,
    truncated_plate,
)


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
