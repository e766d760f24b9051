"""What a name was declared as, in words."""

from __future__ import annotations

import pytest

from tests.check.programs import diagnosed

HEAD = """model m(k = 3)
data digs = digits()
observed y : real[4]
given x : real[4]
param W : real[4]
random e : real[4] ~ normal(0, 1)
net f = linear(4)
func g(u) = u
let h = f(y)
state P = particles(3, like = y)
state key = ema(f, 0.9)
cost c = sq(y - W)
loss l = sq(h)
"""


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("k", "a number of the header"),
        ("digs", "data"),
        ("y", "an observed variable"),
        ("x", "a given variable"),
        ("W", "a parameter"),
        ("e", "a random draw"),
        ("f", "a net"),
        ("g", "a function"),
        ("h", "a node"),
        ("P", "a state"),
        ("key", "a moving average"),
        ("c", "a term"),
        ("l", "a loss"),
    ],
)
def test_the_label_says_what_it_is(name: str, role: str) -> None:
    (found,) = diagnosed(HEAD + f"infer {name} by minimize\n")
    assert [label.text for label in found.labels] == [f"declared as {role} here"]
