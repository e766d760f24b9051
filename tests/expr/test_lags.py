"""How far an index reaches, read off programs."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import compile
from ebmdsl.concepts.facts import Lag
from ebmdsl.expr.lags import one_place
from ebmdsl.expr.prove import prove

CHAIN = """model chain(T = 6)
observed y[t in 1..T] : real
latent s[t in 1..T] : real
cost c = {cost}
infer s by minimize
"""


def lags(cost: str) -> set[tuple[str, int | None, bool]]:
    cost = f"[t] = {cost}" if "[t" in cost else f" = {cost}"
    compilation = compile(CHAIN.replace(" = {cost}", cost))
    assert compilation.model is not None, compilation.diagnostics.all
    (term,) = compilation.model.energy
    found = prove(term.node, frozenset({"s"})).lags
    return {(lag.plate, lag.offset, lag.fixed) for lag in found}


@pytest.mark.parametrize(
    ("cost", "offsets"),
    [
        ("sq(y[t] - s[t])", {0}),
        ("sq(s[t] - s[t-1])", {0, -1}),
        ("sq(s[t] - s[t-2])", {0, -2}),
        ("sq(s[t-1])", {-1}),
    ],
)
def test_lags_are_the_offsets_that_are_written(cost: str, offsets: set[int]) -> None:
    found = lags(cost)
    reach = [offset for _, offset, _ in found if offset is not None]
    assert max(reach) - min(reach) == max(offsets) - min(offsets)
    assert len(reach) == len(offsets)


def test_a_single_entry_is_a_fixed_place() -> None:
    ((_, offset, fixed),) = lags("sq(s[3])")
    assert (offset, fixed) == (3, True)


def test_places_stay_apart_only_where_each_is_read_once() -> None:
    here, before = Lag("t", 0), Lag("t", -1)
    assert one_place(frozenset({here}))
    assert one_place(frozenset({here, Lag("u", 2)}))
    assert not one_place(frozenset({here, before}))
    assert not one_place(frozenset({Lag("t", 3, fixed=True)}))
    assert not one_place(frozenset({Lag("t", None)}))
    assert not one_place(frozenset())
