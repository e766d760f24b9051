"""Terms of few entries: what they read, where they are the same, and what cannot be read."""

from __future__ import annotations

from ebmdsl.plan.templates import Template, counts, templates
from tests.lower.states import HIDDEN_CHAIN, PAIRS, SECOND_ORDER, TWO_DOMAINS
from tests.plan.plans import plan_of


def _templates(text: str, *names: str) -> tuple[Template, ...]:
    plan, found = plan_of(text.replace("RING", "marginalize"))
    assert plan is not None, [each.message for each in found]
    terms = templates(plan.model, names, energy=plan.energy)
    assert terms is not None
    return terms


def test_a_lag_is_one_template_with_a_scope_at_every_place() -> None:
    move, see = _templates(HIDDEN_CHAIN, "s")
    assert move.scopes == ((0, 1), (1, 2), (2, 3), (3, 4))
    assert see.scopes == ((0,), (1,), (2,), (3,), (4,))
    assert not move.node.per_sample
    assert {plate.index for plate in move.node.plates} == {"s@0", "s@1"}
    assert see.node.per_sample
    assert move.weight
    assert see.weight


def test_degree_two_is_read_by_pairs_and_degree_one_by_units() -> None:
    kinds = {each.kind: each for each in _templates(PAIRS, "s")}
    assert set(kinds) == {"pairs", "units"}
    assert len(kinds["pairs"].meeting) == 21
    assert kinds["units"].evaluations == 8


def test_places_and_entries_are_told_apart() -> None:
    terms = _templates(TWO_DOMAINS, "s", "g")
    far = next(each for each in terms if len(each.reads) == 4)
    assert sorted(far.counts) == [2, 2, 2, 3]
    assert sorted(far.scopes[0]) == [0, 3, 6, 8]


def test_a_whole_sequence_is_one_scope() -> None:
    terms = _templates(SECOND_ORDER, "s")
    whole = next(each for each in terms if len(each.counts) == 5)
    assert whole.scopes == ((0, 1, 2, 3, 4),)
    assert whole.kind == "pairs"


def test_what_has_a_continuum_has_no_counts() -> None:
    plan, _ = plan_of(
        "model m\nobserved y : real\nlatent z : real\ncost c = sq(y - z)\ninfer z by minimize\n"
    )
    assert plan is not None
    assert counts(plan.model, ("z",)) is None
