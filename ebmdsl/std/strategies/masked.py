"""`masked`: find what is hidden from what is seen."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Strategy, Text
from ebmdsl.concepts.shape import Misfit
from ebmdsl.std.phrases import atom, call, one_observed, train, typed

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program


@final
@concept("masked")
class Masked(Strategy):
    """Find what is hidden from what is seen: encoders and predictors see a mask sign.

    Only what was hidden costs: an indexed cost is multiplied by the mask of its index, a sum
    of squares by that of its entries.

    References: Devlin, Chang, Lee & Toutanova 2019, arXiv:1810.04805
    """

    rate: Text = Text("0.15")

    def family(self) -> str:
        return "C3"

    def misfit(self, program: Program) -> Misfit | None:
        """Ask for a predictor to act on, and for costs that are sums over entries."""
        refused = one_observed(program)
        if refused is not None:
            return refused
        y = program.observed[0]
        if not program.fed(y, y):
            return Misfit(
                f"no encoder and no predictor sees `{y}`", "give the mask one to act on"
            )
        for name, index, text in program.costs():
            if not index and _squares(text) is None:
                return Misfit(
                    f"the cost `{name}` is no sum over entries", "index it, or use `sq`"
                )
        return None

    def expand(self, program: Program, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the statements."""
        y, m = program.observed[0], program.fresh("m")
        plate = program.plate(y)
        bits = "binary" if plate else typed(program, y, domain="binary")  # one for each index
        drawn = f"random {m}{plate} : {bits} ~ bernoulli({self.rate})"
        costs = tuple(_masked(cost, m) for cost in program.costs())
        seen = program.fed(y, f"hide({y}, where = {m})", drawn=m)
        return (drawn, *seen, *costs, train(program, names, loss="F"))


SQUARES = re.compile(r"sq\((?P<inside>.*)\)(?P<factor>( / [\w.]+)?)")


def _masked(cost: tuple[str, str, str], mask: str) -> str:
    name, index, text = cost
    if index:
        return f"cost {name}[{index}] = {mask}[{index}] * {atom(text)}"
    inside, factor = _squares(text) or ("", "")  # `misfit` refused everything else
    return f"cost {name} = sum({mask} * ({inside})^2){factor}"


def _squares(text: str) -> tuple[str, str] | None:
    """Split `sq(u) / 2` into u and the factor behind; None for anything else."""
    found = SQUARES.fullmatch(text)
    if found is None or len(call(f"sq({found['inside']})").arguments) != 1:
        return None
    inside = found["inside"]
    depths = accumulate((c in "([{") - (c in ")]}") for c in inside)
    return None if min(depths, default=0) < 0 else (inside, found["factor"])
