"""Values at other points: what is replaced, what is found again, what stays."""

from __future__ import annotations

from ebmdsl.expr.build import add, const, multiply, subtract, variable
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.node import Derivative, Node, Op, Plate, Quantity, make
from ebmdsl.expr.points import Value, moved, point, replacing, spread

NONE = frozenset[str]()
T, J = Plate("t", 1, 3), Plate("j", 1, 4)


def leaf(name: str, role: str, plates: tuple[Plate, ...] = ()) -> Node:
    return variable(Quantity(name, role), (2,), plates=plates)


y, z, e = leaf("y", "observed"), leaf("z", "latent"), leaf("e", "random")
F = variable(Quantity("F", "free"), ())
Y = {"y": Value(e)}


def test_variables_are_replaced_all_at_once() -> None:
    swapped = moved(subtract(y, e), {"y": Value(e), "e": Value(y)}, fixed=NONE)
    assert swapped is subtract(e, y)


def test_what_is_found_is_found_again() -> None:
    node = moved(subtract(y, z), Y, fixed=NONE)
    assert node is subtract(e, point(z, {"y": e}))
    assert moved(F, Y, fixed=NONE) is point(F, {"y": e})
    assert moved(F, Y, fixed=frozenset({"F"})) is F


def test_a_derivative_is_taken_where_its_variable_is_now() -> None:
    data = Derivative("grad", frozenset({"y"}))
    slope = make(Op.GRADIENT, (call(word("sq"), y),), data=data, shape=(2,))
    assert moved(slope, Y, fixed=NONE) is point(slope, {"y": e})
    assert moved(slope, {"w": Value(e)}, fixed=NONE) is slope


def test_numbers_over_a_split_stay() -> None:
    mean = make(Op.SPLIT, (y,), data=("mean", True), shape=(2,))
    assert moved(subtract(y, mean), Y, fixed=NONE) is subtract(e, mean)


def test_a_point_of_a_point_keeps_what_was_replaced() -> None:
    there = point(F, {"y": add(y, e)})
    assert moved(there, {"y": Value(multiply(const(2), y))}, fixed=NONE) is point(
        F, {"y": add(multiply(const(2), y), e)}
    )


def test_names_of_a_point_are_those_of_its_values() -> None:
    assert point(F, {"y": e}).names == {"F", "e"}
    assert point(call(word("sq"), subtract(y, z)), {"y": e}).names == {"z", "e"}


def test_a_number_fills_what_it_replaces() -> None:
    assert spread(const(0), (2,)) is const(0, (2,))
    assert replacing(const(3), (2,), plates=()).node is const(3, (2,))


def test_a_sequence_is_replaced_by_one_or_by_its_values() -> None:
    whole = variable(Quantity("s", "random"), (3, 2))
    value = replacing(whole, (2,), plates=(T,))
    assert (value.node.plates, value.node.shape) == ((T,), (2,))
    assert value.whole is whole


def test_a_value_with_another_index_gives_a_value_for_every_index() -> None:
    many = leaf("n", "negative", (J,))
    squared = call(word("sq"), subtract(y, z))
    node = moved(squared, {"y": Value(many)}, fixed=NONE)
    assert [plate.index for plate in node.plates] == ["j"]
    assert point(F, {"y": many}).plates == (J,)
