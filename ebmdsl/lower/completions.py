"""Samples completed by their latents: once where they are found, else weighted, for EM.

References: Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ebmdsl.lower.marginalizing import Marginalizing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.lower.eliminate import Eliminations

    Values = Mapping[str, Tensor]

SHARE = "share of a completion"


@torch.no_grad()
def completions(
    eliminations: Eliminations, weights: Values, *, values: Values, found: Values
) -> dict[str, Tensor]:
    """Return samples with latents, as many rows a sample as its posterior needs.

    With more than one row the weight of each is under `SHARE`; the weights of a sample add
    up to 1. `weights` are the parameters, `values` the samples, [n, ...] each.
    """
    summed = [step for step in eliminations.steps if isinstance(step, Marginalizing)]
    if not summed:
        return {**values, **found}
    (step,) = summed
    layout = step.reduced.layout
    known = {name: x.detach() for name, x in {**weights, **values}.items()}
    points, shares = step.completions(known, layout.join(found))
    count = points.shape[1]
    rows = {name: x.repeat_interleave(count, 0) for name, x in values.items()}
    return {**rows, **layout.split(points.flatten(0, 1)), SHARE: shares.flatten()}
