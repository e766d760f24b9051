"""`none`: the samples as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("none")
class Nothing(Transform):
    """Leave every sample as it is: one of the entries of `view`, where a view is the data.

    References: Misra & van der Maaten 2020, arXiv:1912.01991
    """

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        return fields

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state, rng
        return dict(arrays)
