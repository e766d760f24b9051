"""What one elimination returns: values, answers and how far they are proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from torch import Tensor


@final
@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """How well one step of the plan has found its latents, per sample.

    `certificate` is what the plan names: a bound, the error of an estimate, the residual of
    the equation that an answer solves. `accepted` is the acceptance of a chain, [n].
    """

    names: tuple[str, ...]
    certificate: Tensor
    status: Tensor
    steps: Tensor
    accepted: Tensor | None = None


@final
@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """Per sample: the free energy, the latents found, and their certificates.

    `value` is F, [n]; it is differentiable in the parameters. `terms` are the energy's terms
    at the answer, [n] each. `assignment` holds every latent, [n, *plates, *event], constant.
    `certificate`, `status` (see `lower.loop.Status`) and `steps` are [n], of the worst step;
    `proofs` are those of every step.
    """

    value: Tensor
    terms: dict[str, Tensor]
    assignment: dict[str, Tensor]
    certificate: Tensor
    status: Tensor
    steps: Tensor
    proofs: tuple[Proof, ...] = ()

    def proof(self, name: str) -> Proof:
        """Return how well a latent was found: by its own step, if that is known."""
        worst = Proof((name,), self.certificate, self.status, self.steps)
        return next((each for each in self.proofs if name in each.names), worst)
