"""`remove_mean`: every sample without its own mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import no_numbers, only, unbounded

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("remove_mean")
class RemoveMean(Transform):
    """Subtract from each sample the mean of its own entries: brightness is forgotten.

    References: Hyvarinen, Hurri & Hoyer 2009, doi:10.1007/978-1-84882-491-1
    """

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        refused = no_numbers(fields, "whole pictures keep their mean")
        if refused is not None:
            return refused
        return unbounded(fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state, rng
        name, x = only(arrays)
        return {name: x - x.mean(axis=tuple(range(1, x.ndim)), keepdims=True)}
