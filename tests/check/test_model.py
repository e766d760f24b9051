"""The checked program as a value."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ebmdsl.check.model import Settings
from tests.check.programs import checked

PROGRAM = """model m
data d = digits()
observed y : real[64] from d
latent z[t in 1..2] : real[3]
param W : real[64, 3]
net f = linear(3)
cost a = sq(y - W @ z[1])
loss b = sq(z[2] - f(y))
infer z by minimize
"""


def test_what_can_be_asked() -> None:
    model = checked(PROGRAM)
    assert model.parameters == ("W", "f")
    assert [each.name for each in model.energy] == ["a"]
    assert [each.name for each in model.with_role("observed", "latent")] == ["y", "z"]
    assert model.find("nobody") is None
    assert model.data[0].main.name == "image"
    z = model.find("z")
    assert z is not None
    assert (z.role, z.whole) == ("latent", (2, 3))


def test_origins_point_into_the_text() -> None:
    model = checked(PROGRAM)
    span = model.origin(model.terms[0].node)
    assert span is not None
    assert span.text == "sq(y - W @ z[1])"


def test_equal_programs_are_equal_models() -> None:
    assert checked(PROGRAM) == checked("# a comment\n" + PROGRAM)
    assert checked(PROGRAM) != checked(
        PROGRAM.replace("64, 3", "64, 3 ").replace("sq(y -", "sq(2 * y -")
    )


def test_models_cannot_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().epochs = 3  # pyright: ignore[reportAttributeAccessIssue]
