"""Pieces of work that fail by themselves, so that one mistake does not hide the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

from ebmdsl.check.scope import RejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable

S = TypeVar("S")
R = TypeVar("R")


def attempt(work: Callable[[], R]) -> Callable[[], R]:
    """Do a piece of work now; calling what comes back gives its value, or fails as it did."""
    try:
        value = work()
    except RejectedError:
        return _failed
    return lambda: value


def _failed() -> NoReturn:
    raise RejectedError


def otherwise(work: Callable[[], R], instead: R) -> R:
    """Do a piece of work, and take something else where it fails."""
    try:
        return work()
    except RejectedError:
        return instead


def each(work: Callable[[S], R], items: Iterable[S]) -> tuple[R, ...]:
    """Do the work on every item, and leave out those where it fails."""
    results: list[R] = []
    for item in items:
        try:
            results.append(work(item))
        except RejectedError:
            continue
    return tuple(results)


def every(work: Callable[[S], R], items: Iterable[S]) -> tuple[R, ...]:
    """Do the work on every item, and fail afterwards if it failed on any."""
    waiting = tuple(items)
    results = each(work, waiting)
    if len(results) != len(waiting):
        raise RejectedError
    return results
