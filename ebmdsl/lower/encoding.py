"""`infer z by encode(u)`: an encoder's answer, live in every loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.lower.elimination import Elimination, settled

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.lower.elimination import Asked, Values
    from ebmdsl.lower.loop import Solution


@final
class Encoding(Elimination):
    """The answer of an encoder, taken as it is."""

    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Return the encoder's answer, live."""
        del asked
        return settled(self.start(values, samples, like=like))
