"""Domains know their bounds, and how many states a variable has."""

from __future__ import annotations

from itertools import product

import pytest

from ebmdsl.concepts.domain import BOUNDS, DISCRETE, Domain


def test_every_domain_has_bounds_in_order() -> None:
    domains = [Domain(name) for name in BOUNDS]
    assert [one.name for one in domains if not one.low < one.high] == []


@pytest.mark.parametrize(
    ("domain", "shape", "states"),
    [
        (Domain("binary"), (3,), len(list(product((0, 1), repeat=3)))),
        (Domain("spin"), (2, 2), 16),
        (Domain("onehot"), (5,), 5),
        (Domain("onehot"), (2, 5), 25),
        (Domain("token", 27), (), 27),
        (Domain("token", 3), (4,), 81),
        (Domain("real"), (4,), None),
        (Domain("simplex"), (4,), None),
    ],
)
def test_states_are_counted(domain: Domain, shape: tuple[int, ...], states: int | None) -> None:
    assert domain.states(shape) == states
    assert domain.discrete == (states is not None)


def test_what_is_discrete_is_a_domain() -> None:
    assert BOUNDS.keys() >= DISCRETE
