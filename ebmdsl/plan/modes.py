"""Plan the minimizers that a report asks for, whatever the statements of the file say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.model import Infer, Measure
from ebmdsl.expr.node import quantities
from ebmdsl.plan.eliminate import eliminate
from ebmdsl.source.diagnostic import Diagnostics

if TYPE_CHECKING:
    from ebmdsl.check.model import Model
    from ebmdsl.expr.node import Node
    from ebmdsl.plan.plan import Eliminate

    Steps = tuple[Eliminate, ...]


def modes(model: Model, *, energy: Node, steps: Steps) -> Steps:
    """Plan the minimum of E over all latents, where a report has `mode(z)`; else nothing.

    Where the latents are minimized anyway, that is how they are found.
    """
    asked = [each for each in (*model.reports, *model.expects) if _asks(each, steps)]
    if not asked:
        return ()
    if all(step.ring == "minimize" and step.exact for step in steps):
        return steps
    names = tuple(name for step in steps for name in step.names)
    at = asked[0].span
    infer = Infer("infer", names, "minimize", method=at, span=at)
    step = eliminate(model, infer, energy=energy, found=Diagnostics())
    return () if step is None else (step,)


def _asks(measure: Measure, steps: Steps) -> bool:
    wanted = {f"mode({name})" for step in steps for name in step.names}
    return any(each.name in wanted for each in quantities(measure.node))
