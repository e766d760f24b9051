"""An energy is split by what is proved of its terms, never by how they are written."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import compile
from ebmdsl.plan.structure import Structure, structure

MODEL = """model m(lam = 0.5)
observed y : real[3]
latent z : real[4]
param W : real[3, 4]
cost c = {energy}
infer z by minimize
train by energy
"""


def split(energy: str) -> Structure:
    compilation = compile(MODEL.format(energy=energy))
    assert compilation.model is not None, compilation.diagnostics.all
    (term,) = compilation.model.energy
    return structure(compilation.model, ("z",), energy=term.node)


def test_what_is_smooth_and_what_has_a_prox_are_told_apart() -> None:
    found = split("sq(y - W @ z) / 2 + lam * l1(z)")
    assert [each.function.word for each in found.rough] == ["l1"]
    assert found.problem.quadratic
    assert found.problem.shared
    assert found.problem.size == 4


@pytest.mark.parametrize(
    "energy",
    [
        "lam * l1(z) + sq(W @ z - y) / 2",
        "dot(y - W @ z, y - W @ z) / 2 + l1(lam * z)",
        "(sq(y - W @ z) + 2 * lam * l1(z)) / 2",
        "sq(y - W @ z) / 2 + lam / 2 * l1(z) + l1(z) * lam / 2",
    ],
)
def test_spelling_does_not_matter(energy: str) -> None:
    plain, other = split("sq(y - W @ z) / 2 + lam * l1(z)"), split(energy)
    assert other.smooth == plain.smooth
    assert [(each.weight, each.function) for each in other.rough] == [
        (each.weight, each.function) for each in plain.rough
    ]


def test_an_obstacle_is_named() -> None:
    (rough,) = split("sq(y - W @ z) + l1(W @ z)").problem.rough
    assert "mixes the entries of `z`" in rough.obstacle


def test_a_matrix_of_the_samples_own_is_not_shared() -> None:
    assert not split("sq(y - W @ z) + sq(y[0] * z)").problem.shared


def test_nothing_rough_leaves_everything_smooth() -> None:
    found = split("sq(y - W @ z)")
    assert found.rough == ()
    assert found.problem.rough == ()
