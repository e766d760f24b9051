"""Shapes meet exactly or as scalars, and never otherwise."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.shape import (
    Misfit,
    Shape,
    is_scalar,
    joined,
    layered,
    show,
    size,
    windows,
)


@pytest.mark.parametrize(
    ("left", "right", "both"),
    [((3,), (3,), (3,)), ((3,), (), (3,)), ((1, 1), (2, 3), (2, 3)), ((), (), ())],
)
def test_equal_shapes_and_scalars_meet(left: Shape, right: Shape, both: Shape) -> None:
    assert joined(left, right) == both


@pytest.mark.parametrize(("left", "right"), [((3,), (2,)), ((3, 1), (3,)), ((2, 3), (3,))])
def test_nothing_else_broadcasts(left: Shape, right: Shape) -> None:
    found = joined(left, right)
    assert isinstance(found, Misfit)
    assert show(left) in found.reason
    assert show(right) in found.reason


def test_any_shape_of_ones_is_a_scalar() -> None:
    assert [is_scalar(shape) for shape in ((), (1,), (1, 1), (2,), (0,))] == [
        True,
        True,
        True,
        False,
        False,
    ]
    assert size((2, 3, 4)) == 24
    assert [show(shape) for shape in ((), (144,), (1, 28, 28))] == [
        "a scalar",
        "[144]",
        "[1, 28, 28]",
    ]


def test_pictures_of_one_size_lie_on_top_of_each_other() -> None:
    assert layered(((3, 4, 5), (2, 4, 5))) == (5, 4, 5)
    for other in ((2, 4, 4), (4, 5), ()):
        assert isinstance(layered(((3, 4, 5), other)), Misfit)


def test_windows_of_a_picture_are_counted() -> None:
    assert windows((3, 7, 6), 3, stride=2) == (3, 3, 2)
    assert isinstance(windows((3, 2, 6), 3, stride=1), Misfit)
    assert isinstance(windows((3, 6, 6), 0, stride=1), Misfit)
    assert isinstance(windows((6, 6), 2, stride=1), Misfit)
