"""Parts of a problem: which terms meet, and which sets a prox combines with."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.parts import Part, Rough
from ebmdsl.std.constraints.simplex import Simplex
from ebmdsl.std.constraints.sparse import Sparse

ENTRIES = Rough("l1(z)", "l1", over=("z",))
GROUPS = Rough("l2(z)", "l2", over=("z",), acts="groups")
WHOLE = Rough("nuclear(z)", "nuclear", over=("z",), acts="whole")
ELSEWHERE = Rough("l1(u)", "l1", over=("u",))


def test_terms_meet_on_a_common_latent() -> None:
    assert ENTRIES.meets(GROUPS)
    assert not ENTRIES.meets(ELSEWHERE)
    assert ENTRIES.meets(Rough("l1", "l1"))


def test_the_prox_of_entries_comes_before_that_of_groups() -> None:
    assert ENTRIES.joins(GROUPS)
    assert GROUPS.joins(ENTRIES)
    assert not GROUPS.joins(WHOLE)
    assert not ENTRIES.joins(ENTRIES)
    assert not GROUPS.joins(Rough("l0(z)", "l0", convex=False))


@pytest.mark.parametrize(
    ("part", "admitted"),
    [
        (Part("z", 4), [True, True, True]),
        (Part("z", 4, "nonneg", "orthant", low=0), [True, True, False]),
        (Part("z", 4, "positive", "box", low=1), [True, False, False]),
        (Part("z", 4, "simplex", "convex", constraints=(Simplex(),)), [False, False, False]),
        (Part("z", 4, "sparse", "other", constraints=(Sparse(2),)), [True, False, False]),
        (Part("u", 4, "simplex", "convex", constraints=(Simplex(),)), [True, True, True]),
    ],
)
def test_a_set_admits_the_terms_whose_prox_combines(part: Part, admitted: list[bool]) -> None:
    assert [part.admits(each) for each in (ENTRIES, GROUPS, WHOLE)] == admitted
