"""`langevin`: noisy steps down the energy."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Smoothness
from ebmdsl.concepts.kinds import Sampler
from ebmdsl.concepts.problem import Accept, Refuse

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


@final
@concept("langevin")
class Langevin(Sampler):
    r"""Unadjusted Langevin steps, $z \leftarrow z - \eta \nabla E(z) + \sqrt{2 \eta T}\, \xi$.

    `rate` is $\eta$; with it small the chain has the law $\exp(-E / T)$ with T the
    `temperature`. The noise $\xi$ comes from outside.

    References: Roberts & Tweedie 1996, doi:10.2307/3318418
    """

    steps: int = 60
    rate: float = 0.01
    temperature: float = 1.0

    def accepts(self, problem: Problem) -> Verdict:
        if problem.discrete:
            return Refuse(
                f"{problem.name} takes finitely many values; a step needs a continuum"
            )
        if problem.rough or problem.smooth.smoothness < Smoothness.C1:
            return Refuse("the energy has a kink; a Langevin step needs a derivative")
        return Accept(self.steps * problem.gradient, "a noisy gradient step", "none")

    def step(self, objective: Objective, z: Tensor, *, noise: Tensor) -> Tensor:
        scale = (2 * self.rate * self.temperature) ** 0.5
        return z - self.rate * objective.gradient(z) + scale * noise
