"""What the gradient of a loss reaches."""

from __future__ import annotations

import pytest

from ebmdsl.expr.build import add, const
from ebmdsl.plan.live import constants, live
from tests.check.programs import checked

HEAD = """model m
observed y : real[4]
latent z : real[2]
param W : real[4, 2]
param V : real[2, 4]
param b : real[4]
param s : positive
net f = linear(2)
cost recon = sq(y - W @ z)
regularizer prior = sq(z - V @ y)
encoder zq ~ normal(f(y), s)
negative yn from normal(0, 1)
infer z by {infer}
train by minimize({loss})
"""


def _reached(loss: str, infer: str = "minimize") -> set[str]:
    model = checked(HEAD.format(loss=loss, infer=infer))
    energy = add(const(0), *(term.node for term in model.energy))
    (train,) = model.trains
    assert train.objective is not None
    return set(live(model, train.objective, energy=energy))


def repr_of(value: str | set[str]) -> str:
    """Name a case the same way in every process."""
    return value if isinstance(value, str) else " ".join(sorted(value))


@pytest.mark.parametrize(
    ("loss", "infer", "names"),
    [
        ("F", "minimize", {"W", "V"}),
        ("E", "minimize", {"W", "V"}),
        ("F + sq(b)", "minimize", {"W", "V", "b"}),
        ("sq(stop(W) - V.T) + F * 0", "minimize", {"V"}),
        ("sq(z)", "minimize", set[str]()),
        ("sq(z) + sq(b)", "minimize", {"b"}),
        ("sq(z)", "minimize with lbfgs(gradient = implicit)", {"W", "V"}),
        ("sq(z)", "minimize(recon) with lbfgs(gradient = unroll)", {"W"}),
        ("sq(z)", "encode(f(y))", {"f"}),
        ("F", "encode(f(y))", {"W", "V", "f"}),
        ("F", "marginalize with variational(zq)", {"W", "V", "f", "s"}),
        ("sq(z)", "marginalize", set[str]()),
        ("F - F(y = yn)", "minimize", {"W", "V"}),
        ("sq(yn) + sq(b)", "minimize", {"b"}),
        ("sq(grad(F, y))", "minimize", {"W", "V"}),
    ],
    ids=repr_of,
)
def test_constants_let_nothing_through(loss: str, infer: str, names: set[str]) -> None:
    assert _reached(loss, infer) == names


def test_the_constants_that_stand_between_are_named() -> None:
    model = checked(HEAD.format(loss="sq(z)", infer="minimize"))
    energy = add(const(0), *(term.node for term in model.energy))
    (train,) = model.trains
    assert train.objective is not None
    assert constants(model, train.objective, name="W", energy=energy) == ("z",)
    assert constants(model, train.objective, name="b", energy=energy) == ()
