"""How parameters start."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages

HEAD = """model m
data d = digits()
observed y : real[64] from d
net f = linear(3)
let u = f(y)
"""


def test_laws_numbers_statistics_and_values() -> None:
    model = checked(
        HEAD + "param a : real init 0.5\nparam W : real[64, 3] init kmeans_pp(y)\n"
        "param b : real[64] init logit(y.mean)\nparam V : real[2] init normal(0.1)\n"
        "param c : real init logZ\nparam s : real[64] init y.mean / 2\n"
        "param K : real[3, 8] init kmeans_pp(u)\n"
        "cost e = sq(y - b) + a * sum(W) + sum(V) + c + sum(s) + sum(K)\n"
    )
    inits = {each.name: each.init for each in model.with_role("param")}
    words = {name: (init.word, init.of) for name, init in inits.items() if init is not None}
    assert words == {
        "a": ("constant", ""),
        "W": ("kmeans_pp", "y"),
        "b": ("logit", "y.mean"),
        "V": ("normal", ""),
        "c": ("logZ", ""),
        "s": ("value", "y.mean / 2"),
        "K": ("kmeans_pp", "u"),
    }


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ("kmeans_pp(x)", "unknown variable `x`"),
        ("kmeans_pp(u)", "`u` is [3], and what starts so is [64]"),
        ("kmeans_pp(y, u)", "`kmeans_pp` takes one argument"),
        ("kmeans_pp(2)", "`kmeans_pp` takes a variable or a node by name"),
        ("logit(y.average)", "unknown statistic `average`"),
        ("logit(u.mean)", "`u` is [3], and what starts so is [64]"),
        ("logit(y)", "`logit` takes a statistic of a variable"),
        ("normall(1)", "unknown"),
        ("u.mean", "this is [3], and what starts so is [64]"),
        ("normal(-0.1)", "the scale -0.1 is negative"),
        ("eye(4)", ""),
    ],
)
def test_starts_that_do_not_fit(start: str, message: str) -> None:
    told = messages(HEAD + f"param p : real[64] init {start}\ncost e = sq(y - p) + sq(u)\n")
    assert len(told) == 1, told
    assert message in told[0]


def test_a_number_lies_in_the_domain() -> None:
    line = "param s : positive init -1\ncost e = sq(y) / s\ntrain by energy\n"
    (told,) = messages(HEAD + line)
    assert "-1 is not positive" in told
