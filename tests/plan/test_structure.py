"""The structure of an energy in some latents: smooth part, rough terms, what is proved."""

from __future__ import annotations

import pytest

from ebmdsl.check.model import Model
from ebmdsl.expr.build import add
from ebmdsl.expr.text import formula
from ebmdsl.plan.structure import Structure, cost, structure
from tests.check.programs import checked, term
from tests.expr.programs import program

HEAD = """model m
observed y : real[4]
latent z : real[4]
param W : real[4, 4]
param a : positive
param b : real
"""


def _structure(terms: str, *names: str) -> tuple[Model, Structure]:
    model = checked(HEAD + terms + "infer z by minimize\n")
    energy = add(*(each.node for each in model.energy))
    return model, structure(model, names or ("z",), energy=energy)


def test_an_energy_splits_into_smooth_and_rough() -> None:
    _, split = _structure("cost e = sq(y - W @ z) / 2 + a * l1(z)\n")
    assert formula(split.smooth) == "½‖W z − y‖²"
    (rough,) = split.rough
    assert (rough.function.word, rough.latent, formula(rough.weight)) == ("l1", "z", "a")
    assert split.problem.quadratic
    assert split.problem.shared
    assert split.problem.size == 4


def test_equal_rough_terms_are_one() -> None:
    _, split = _structure("cost e = sq(y - z)\ncost f = l1(z)\ncost g = a * l1(z)\n")
    (rough,) = split.rough
    assert formula(rough.weight) == "a + 1"
    assert len(split.problem.rough) == 1


@pytest.mark.parametrize(
    ("rough", "obstacle"),
    [
        ("l1(W @ z)", "`W z` mixes the entries of `z` before the kink"),
        ("l1(z - y)", "before the kink"),
        ("b * l1(z)", "its weight `b` is not proved nonnegative"),
        ("max(z)", "no prox is known for"),
        ("sum(relu(z))", "no prox is known for"),
    ],
)
def test_what_has_no_prox_says_why(rough: str, obstacle: str) -> None:
    _, split = _structure(f"cost e = sq(y - z) + {rough}\n")
    assert not split.rough
    (described,) = split.problem.rough
    assert obstacle in described.obstacle
    assert described.span is not None


def test_a_matrix_that_depends_on_a_sample_is_not_shared() -> None:
    _, split = _structure("cost e = sum(y^2 * z^2)\n")
    assert split.problem.quadratic
    assert not split.problem.shared


@pytest.mark.parametrize(
    ("name", "states"), [("kmeans", 20), ("rbm", 32), ("hmm", 8**64), ("pca", None)]
)
def test_states_are_counted_over_whole_sequences(name: str, states: int | None) -> None:
    model = checked(program(name))
    names = tuple(each.name for each in model.with_role("latent"))
    found = structure(model, names, energy=model.energy[0].node)
    assert found.problem.states == states


def test_domains_that_differ_are_mixed() -> None:
    model = checked(program("mixture"))
    found = structure(model, ("c", "z"), energy=model.energy[0].node)
    assert found.problem.domain == "mixed"
    assert found.problem.states is None


def test_what_is_done_once_for_all_samples_costs_nothing_per_sample() -> None:
    small = term(HEAD + "cost e = sum(W) + sum(y)\ninfer z by minimize\n")
    large = term(HEAD + "cost e = sum(W @ y)\ninfer z by minimize\n")
    assert cost(small.node) < 16 < cost(large.node)


def test_kinks_of_a_net_are_passed_and_named() -> None:
    net = "net dec = linear(8) |> relu |> linear(4)\n"
    _, found = _structure(f"{net}cost e = sq(y - dec(z)) + sq(z)\n")
    assert found.problem.kinked == ("dec",)
    assert not found.problem.rough
    assert "away from the kinks of `dec`" in found.problem.certificate


def test_kinks_of_a_term_are_not_passed_even_behind_a_net() -> None:
    net = "net dec = linear(8) |> relu |> linear(4)\n"
    _, found = _structure(f"{net}cost e = l1(y - dec(z)) + sq(z)\n")
    assert [term.word for term in found.problem.rough] == ["l1"]
    assert not found.problem.kinked


def test_a_separable_term_over_a_plate_has_the_prox_of_its_function() -> None:
    model = checked(
        "model m\nobserved y[t in 1..3] : real[2]\nlatent s[t in 1..3] : real[2]\n"
        "cost see[t] = sq(y[t] - s[t])\nregularizer sparse[t] = 0.5 * l1(s[t])\n"
        "infer s by minimize\n"
    )
    energy = add(*(each.node for each in model.energy))
    found = structure(model, ("s",), energy=energy)
    assert [(term.function.word, term.latent) for term in found.rough] == [("l1", "s")]
    assert found.problem.obstacle is None


def test_a_weight_that_changes_along_the_plate_is_no_weight_of_the_whole() -> None:
    model = checked(
        "model m\nobserved y[t in 1..3] : nonneg\nlatent s[t in 1..3] : real\n"
        "cost see[t] = sq(y[t] - s[t])\nregularizer sparse[t] = y[t] * l1(s[t])\n"
        "infer s by minimize\n"
    )
    energy = add(*(each.node for each in model.energy))
    assert structure(model, ("s",), energy=energy).problem.obstacle is not None


def test_a_constraint_on_a_latent_is_a_set_of_its_own() -> None:
    model = checked(
        "model m\nobserved y : real[4]\nlatent z : real[4] with nonneg\n"
        "cost see = sq(y - z)\ninfer z by minimize\n"
    )
    energy = add(*(each.node for each in model.energy))
    assert structure(model, ("z",), energy=energy).problem.domain == "real with nonneg"
