"""What one elimination returns: values, answers and how far they are proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from torch import Tensor


@final
@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Per sample: the free energy, the latents found, and their certificates.

    `value` is F, [n]; it is differentiable in the parameters. `terms` are the energy's terms
    at the answer, [n] each. `assignment` holds every latent, [n, *plates, *event], constant.
    `certificate`, `status` (see `lower.loop.Status`) and `steps` are [n].
    """

    value: Tensor
    terms: dict[str, Tensor]
    assignment: dict[str, Tensor]
    certificate: Tensor
    status: Tensor
    steps: Tensor
