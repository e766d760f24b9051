"""Samples completed by their latents: once where they are found, else weighted, for EM.

References: Dempster, Laird & Rubin 1977, doi:10.1111/j.2517-6161.1977.tb01600.x
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.lower.marginalizing import Marginalizing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.lower.eliminate import Eliminations

    Values = Mapping[str, Tensor]

SHARE = "share of a completion"


@final
@dataclass(frozen=True, slots=True)
class Completed:
    """Samples with their latents, several times over where these were summed out.

    Each part has values by name, [n, ...], and the weight of every row as `SHARE` where
    there is more than one part or more than one row a sample; the weights of a sample add
    up to 1. The latents in `common` have one value for all rows of a part, without a batch
    axis.
    """

    parts: tuple[dict[str, Tensor], ...]
    common: tuple[str, ...] = ()


@torch.no_grad()
def completions(
    eliminations: Eliminations, weights: Values, *, values: Values, found: Values
) -> Completed:
    """Complete samples, [n, ...] by name, with what was found or with their posterior."""
    summed = [step for step in eliminations.steps if isinstance(step, Marginalizing)]
    if not summed:
        return Completed(({**values, **found},))
    (step,) = summed
    known = {name: x.detach() for name, x in {**weights, **values}.items()}
    points, shares = step.completions(known, step.reduced.layout.join(found))
    if points.stride(0):
        return Completed((_expanded(step, values, points=points, shares=shares),))
    return _by_state(step, values, states=points[0], shares=shares)


def _expanded(
    step: Marginalizing, values: Values, *, points: Tensor, shares: Tensor
) -> dict[str, Tensor]:
    """Repeat every sample once for each of its own points."""
    count = points.shape[1]
    rows = {name: x.repeat_interleave(count, 0) for name, x in values.items()}
    latents = step.reduced.layout.split(points.flatten(0, 1))
    return {**rows, **latents, SHARE: shares.flatten()}


def _by_state(
    step: Marginalizing, values: Values, *, states: Tensor, shares: Tensor
) -> Completed:
    """Take all samples once for each state, which they share."""
    layout = step.reduced.layout
    parts = tuple(
        {
            **values,
            **{name: x[0] for name, x in layout.split(state.unsqueeze(0)).items()},
            SHARE: share,
        }
        for state, share in zip(states, shares.mT, strict=True)
    )
    return Completed(parts, step.step.names)
