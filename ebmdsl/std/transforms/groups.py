"""`groups`: several samples as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.fields import UNCUT, main_field, only

if TYPE_CHECKING:
    from numpy.random import Generator

    from ebmdsl.concepts.kinds import Arrays


@final
@concept("groups")
class Groups(Transform):
    """Take `n` consecutive samples together: [n, ...], for energies of a whole set.

    Samples that do not fill a group are left out, and so are the other fields.

    References: Candes, Li, Ma & Wright 2011, doi:10.1145/1970392.1970395
    """

    n: int

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...] | Misfit:
        main = main_field(fields)
        if main.domain in UNCUT:
            return Misfit("whole pictures differ in size", "cut `patches` first")
        if self.n < 1:
            return Misfit("there is at least 1 sample in a group", option="n")
        return (replace(main, shape=(self.n, *main.shape)),)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        del state, rng
        name, x = only(arrays)
        count = len(x) // self.n
        return {name: x[: count * self.n].reshape(count, self.n, *x.shape[1:])}
