"""`embed`: learned vector for every token."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import LINEAR, Layer, Weight
from ebmdsl.concepts.shape import Misfit, show, too_small

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("embed")
class Embed(Layer):
    """Learned vector for every token, $W_{y_t}$.

    The tokens are one-hot or, where `alphabet` says how many there are, numbers.

    References: Bengio, Ducharme, Vincent & Jauvin 2003, doi:10.5555/944919.944966
    """

    size: int
    alphabet: int = 0
    facts: ClassVar[Facts] = LINEAR

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare a table [alphabet, size]."""
        rows = self.alphabet or x[-1]
        return (Weight("weight", (rows, self.size)),)

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape with one vector for each token."""
        if not (x or self.alphabet):
            return Misfit(f"{show(x)} holds no one-hot tokens", "say how many: `alphabet = 27`")
        refused = too_small(size=self.size)
        return refused or (*(x if self.alphabet else x[:-1]), self.size)

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, *event] tokens or [n, *event, alphabet] -> [n, *event, size]."""
        del context
        if self.alphabet:
            return torch.nn.functional.embedding(x.long(), weights["weight"])
        return x @ weights["weight"]
