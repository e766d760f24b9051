"""Records behave as frozen, slotted dataclasses do."""

from __future__ import annotations

import copy
import pickle
from abc import ABC
from dataclasses import FrozenInstanceError, field, fields, replace
from typing import Any

import pytest

from ebmdsl._record import record


@record
class Base(ABC):
    """A base with a field that does not count."""

    span: int = field(default=0, compare=False, repr=False, kw_only=True)


@record
class Point(Base):
    """A child."""

    x: int
    tags: list[str] = field(default_factory=list[str], compare=False)
    y: int = 0

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError("negative")


def test_fields_are_given_by_place_or_by_name() -> None:
    assert Point(1, ["a"], 2) == Point(x=1, y=2)
    assert Point(1).tags == []
    assert Point(1).tags is not Point(1).tags


def test_what_is_not_compared_does_not_count() -> None:
    assert Point(1, span=3) == Point(1, span=4)
    assert hash(Point(1, span=3)) == hash(Point(1, span=4))
    assert Point(1) != Point(2)
    assert Point(1) != Base()
    assert repr(Point(1, span=3)) == "Point(x=1, tags=[], y=0)"


def test_nothing_can_be_changed() -> None:
    point: Any = Point(1)
    for change in (lambda: setattr(point, "x", 2), lambda: delattr(point, "x")):
        with pytest.raises(FrozenInstanceError):
            change()
    assert not hasattr(point, "__dict__")


@pytest.mark.parametrize(
    ("args", "given"), [((), {}), ((1, [], 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1})]
)
def test_wrong_arguments_are_refused(args: tuple[Any, ...], given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="Point"):
        Point(*args, **given)


def test_the_tools_of_dataclasses_work() -> None:
    assert [each.name for each in fields(Point)] == ["span", "x", "tags", "y"]
    assert replace(Point(1, span=7), y=5) == Point(1, y=5)
    assert replace(Point(1, span=7), y=5).span == 7
    match Point(4, y=5):
        case Point(x, _, y):
            assert (x, y) == (4, 5)


def test_a_check_after_the_making_runs() -> None:
    with pytest.raises(ValueError, match="negative"):
        Point(-1)


def test_copies_are_equal() -> None:
    point = Point(1, ["a"], 2, span=3)
    for twin in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))):
        assert twin == point
        assert twin.tags == ["a"]
        assert twin.span == 3
