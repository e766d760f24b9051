"""Unrolled solvers: with the maps of an energy they are the solver itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from ebmdsl.concepts.base import find
from ebmdsl.concepts.context import Context
from ebmdsl.concepts.facts import Curvature, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit
from ebmdsl.concepts.unrolled import Kernels, Unrolled

EVAL = Context()
RNG = torch.Generator().manual_seed(0)
D = torch.nn.functional.normalize(torch.randn(6, 9, generator=RNG, dtype=torch.float64), dim=0)
Y = torch.randn(7, 6, generator=RNG, dtype=torch.float64)
LAM = 0.2


def function(word: str) -> Function:
    """Return a function of the catalogue."""
    made: Function = cast("Any", find(Function, word))()
    return made


ISTA = Unrolled((9,), ((6,),), ("y",), "ista", 4, prox=function("l1"))


def start(step: float) -> dict[str, Tensor]:
    """Return the maps of a gradient step of this length."""
    return {
        "input": step * D.T,
        "offset": torch.zeros(9).double(),
        "lateral": torch.eye(9).double() - step * D.T @ D,
        "threshold": torch.full((9,), step * LAM).double(),
    }


def shrunk(x: Tensor, by: float) -> Tensor:
    """Move towards zero."""
    return x.sign() * (x.abs() - by).relu()


@pytest.mark.parametrize("nonneg", [False, True])
def test_it_starts_as_the_steps_of_the_solver(nonneg: bool) -> None:
    step = 1 / float(torch.linalg.matrix_norm(D, 2)) ** 2
    z = torch.zeros(7, 9).double()
    for _ in range(5):
        moved = z - step * (z @ D.T - Y) @ D
        z = (moved - step * LAM).relu() if nonneg else shrunk(moved, step * LAM)
    out = replace(ISTA, nonneg=nonneg).apply(Y, start(step), context=EVAL)
    torch.testing.assert_close(out, z)


def test_no_step_at_all_is_a_shrunk_linear_map() -> None:
    out = replace(ISTA, steps=0).apply(Y, start(0.5), context=EVAL)
    torch.testing.assert_close(out, shrunk(0.5 * Y @ D, 0.5 * LAM))


def test_coordinate_descent_changes_the_entry_that_wants_it_most() -> None:
    made = replace(ISTA, rule="coordinate_descent", steps=12)
    out = made.apply(Y, start(1.0), context=EVAL)
    for y, found in zip(Y, out, strict=True):
        b, z = D.T @ y, torch.zeros(9).double()
        for _ in range(11):
            wanted = shrunk(b, LAM)
            k = int((wanted - z).abs().argmax())
            b = b + (torch.eye(9).double() - D.T @ D)[:, k] * (wanted[k] - z[k])
            z[k] = wanted[k]
        torch.testing.assert_close(found, shrunk(b, LAM))


def test_without_a_regularizer_it_is_linear() -> None:
    made = replace(ISTA, prox=None)
    assert made.seen().curvature is Curvature.AFFINE
    assert made.raised((6,)) == 5
    assert [each.name for each in made.weights((6,))] == ["input", "offset", "lateral"]
    held = start(0.3)
    both = made.apply(Y[:1] + Y[1:2], held, context=EVAL)
    apart = made.apply(Y[:1], held, context=EVAL) + made.apply(Y[1:2], held, context=EVAL)
    torch.testing.assert_close(both, apart)


def test_what_is_known_depends_on_the_prox() -> None:
    assert ISTA.seen().smoothness is Smoothness.C0
    assert replace(ISTA, prox=function("l0")).seen().smoothness is Smoothness.STEP
    assert replace(ISTA, rule="coordinate_descent").seen().smoothness is Smoothness.STEP
    assert replace(ISTA, prox=None, nonneg=True).seen().low == 0


def test_a_group_has_one_threshold() -> None:
    made = replace(ISTA, prox=function("l2"))
    (threshold,) = [each for each in made.weights((6,)) if each.name == "threshold"]
    assert (threshold.shape, threshold.keeps) == ((), "nonneg")
    held = start(0.3) | {"threshold": torch.tensor(0.1).double()}
    assert made.apply(Y, held, context=EVAL).shape == (7, 9)


def test_it_takes_what_the_energy_sees() -> None:
    assert ISTA.shape((6,)) == (9,)
    refused = ISTA.shape((5,))
    assert isinstance(refused, Misfit)
    assert refused.reason == "the energy sees `y`, which is [6], not [5]"
    two = replace(ISTA, inputs=((2,), (4,)), names=("x", "y"))
    assert two.joined(((2,), (4,))) == (6,)
    assert two.shape((6,)) == (9,)
    assert isinstance(two.joined(((4,), (2,))), Misfit)


@pytest.mark.parametrize(("margin", "size"), [(0, 10), (1, 8)])
def test_maps_of_a_convolution_are_kernels(margin: int, size: int) -> None:
    """The energy is that of a picture [2, 8, 8] decoded from [3, size, size]."""
    made = Unrolled(
        (3, size, size),
        ((2, 8, 8),),
        ("y",),
        "ista",
        1,
        prox=function("l1"),
        kernels=Kernels(3, margin),
    )
    held = {
        each.name: torch.randn(each.shape, generator=RNG, dtype=torch.float64).abs()
        for each in made.weights((2, 8, 8))
    }
    assert {name: tuple(w.shape) for name, w in held.items()} == {
        "input": (3, 2, 3, 3),
        "offset": (3,),
        "kept": (3,),
        "down": (2, 3, 3, 3),
        "up": (3, 2, 3, 3),
        "threshold": (3,),
    }
    y = torch.randn(4, 2, 8, 8, generator=RNG, dtype=torch.float64)
    assert made.apply(y, held, context=EVAL).shape == (4, 3, size, size)
    z = torch.randn(4, 3, size, size, generator=RNG, dtype=torch.float64)
    kernels = held["input"].flip(2, 3).transpose(0, 1)
    decoded = torch.nn.functional.conv2d(z, kernels, padding=margin)
    plain = replace(made, steps=0, prox=None)
    back = plain.apply(y, held | {"offset": torch.zeros(3).double()}, context=EVAL)
    torch.testing.assert_close((decoded * y).sum(), (z * back).sum())
