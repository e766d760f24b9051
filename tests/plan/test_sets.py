"""The set of a latent: what is projected onto, and what is said where nothing is known."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.parts import Part
from ebmdsl.plan.sets import part_of, set_of
from tests.check.programs import checked

HEAD = "model m\nobserved y : real[4]\nlatent z : {}\ncost e = sq(sum(y) - sum(z))\n"


def part(declared: str) -> Part:
    latent = checked(HEAD.format(declared) + "infer z by minimize\n").find("z")
    assert latent is not None
    return part_of(latent)


@pytest.mark.parametrize(
    ("declared", "kind", "words"),
    [
        ("real[4]", "free", []),
        ("nonneg[4]", "orthant", []),
        ("real[4] with nonneg", "orthant", ["nonneg"]),
        ("positive[4]", "box", []),
        ("real[4] with clip(-1, 1)", "box", ["clip"]),
        ("nonneg[4] with clip(-1, 1)", "box", ["clip"]),
        ("simplex[4]", "convex", ["simplex"]),
        ("nonneg[4] with simplex", "convex", ["simplex"]),
        ("real[4] with sphere", "other", ["sphere"]),
        ("nonneg[4] with sparse(2)", "other", ["sparse"]),
        ("real[4, 4] with symmetric", "convex", ["symmetric"]),
        ("binary[4]", "discrete", []),
    ],
)
def test_the_kind_of_a_set_is_proved(declared: str, kind: str, words: list[str]) -> None:
    found = part(declared)
    assert (found.kind, [each.word for each in found.constraints]) == (kind, words)
    assert not found.obstacle


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ("real[4, 4] with orthonormal", "`orthonormal` does not say what is nearest"),
        ("real[4, 4] with symmetric, zero_diag", "`symmetric` and `zero_diag` is unknown"),
        ("nonneg[4] with sphere", "`sphere` and its bounds is unknown"),
        ("real[4] with sparse(2), clip(-1, 1)", "`sparse` and its bounds is unknown"),
        ("binary[4] with sparse(2)", "is no plain binary"),
    ],
)
def test_what_cannot_be_projected_onto_says_why(declared: str, why: str) -> None:
    assert why in part(declared).obstacle


def test_a_set_is_named_by_its_domain_and_constraints() -> None:
    latent = checked(HEAD.format("nonneg[4] with sparse(2)") + "infer z by minimize\n").find(
        "z"
    )
    assert latent is not None
    assert set_of(latent) == "nonneg with sparse"
