"""How far an index reaches."""

from __future__ import annotations

from ebmdsl.concepts.facts import Lag
from ebmdsl.expr.lags import in_full, one_place, sliced
from ebmdsl.expr.node import Node, Op, Plate, Quantity, make

PLATE = Plate("t", 1, 6)
S = make(Op.VARIABLE, (), data=Quantity("s", "latent"), shape=(2,), plates=(PLATE,))
HERE = frozenset({Lag("t")})


def _slice(low: int, size: int, first: int) -> Node:
    return make(
        Op.SHIFT, (S,), data=("slice", 0, first), shape=(2,), plates=(Plate("t", low, size),)
    )


def test_a_slice_reaches_back_or_ahead() -> None:
    assert sliced(HERE, _slice(2, 5, 0)) == {Lag("t", -1)}
    assert sliced(HERE, _slice(2, 5, 1)) == {Lag("t", 0)}
    assert sliced(HERE, _slice(1, 5, 1)) == {Lag("t", 1)}


def test_a_place_is_fixed() -> None:
    entry = make(Op.SHIFT, (S,), data=("entry", 0, 2), shape=(2,))
    assert sliced(HERE, entry) == {Lag("t", 3, fixed=True)}


def test_another_index_gives_another_name() -> None:
    other = make(Op.SHIFT, (S,), data=("slice", 0, 0), shape=(2,), plates=(Plate("i", 1, 6),))
    assert sliced(HERE, other) == {Lag("i", 0)}
    assert sliced(frozenset({Lag("g")}), other) == {Lag("g")}


def test_a_whole_sequence_is_read_everywhere() -> None:
    stack = make(Op.STACK, (S,), data=("t",), shape=(6, 2))
    assert in_full(HERE, stack) == {Lag("t", None)}


def test_places_stay_apart_where_one_is_read() -> None:
    assert one_place(HERE)
    assert one_place(frozenset({Lag("t"), Lag("g", -1)}))
    assert not one_place(frozenset({Lag("t"), Lag("t", -1)}))
    assert not one_place(frozenset({Lag("t", 3, fixed=True)}))
    assert not one_place(frozenset({Lag("t", None)}))
    assert not one_place(frozenset())
