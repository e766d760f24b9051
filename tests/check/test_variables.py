"""Declared variables: domains, shapes, clauses, constraints and bounds."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages, said

COST = "observed x : real\ncost c = x^2\n"


def test_domains_and_shapes_are_read() -> None:
    model = checked(
        "model m(k = 3)\nobserved y[t in 1..5] : token[27]\nlatent s[t in 1..5] : onehot[k]\n"
        "param A : simplex[k, k]\ncost e[t] = dot(s[t], A @ s[t])\ninfer s by minimize\n"
    )
    y, s, a = model.declared
    assert (y.quantity.domain.size, y.shape, y.whole) == (27, (), (5,))
    assert (s.shape, s.whole) == ((3,), (5, 3))
    assert (a.role, a.quantity.domain.name) == ("param", "simplex")


@pytest.mark.parametrize(
    ("declared", "ends"),
    [
        ("param y : real[4, 4] with clip(-2, 3)", (-2, 3)),
        ("param y : real[4, 4] with nonneg", (0, float("inf"))),
        ("param y : real[4, 4] with unit_columns", (-1, 1)),
        ("observed y : real[64] from d", (0, 1)),
        ("param y : simplex[4]", (0, 1)),
        ("param y : real[4]", (float("-inf"), float("inf"))),
    ],
)
def test_data_and_constraints_bound_the_entries(
    declared: str, ends: tuple[float, float]
) -> None:
    model = checked(f"model m\ndata d = digits()\n{declared}\ncost e = sq(y)\n")
    quantity = model.declared[0].quantity
    assert (quantity.low, quantity.high) == ends


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("observed y : reel[2]", "`reel` is no domain | did you mean `real`?"),
        ("observed y : real[0]", "a size is at least 1, not 0"),
        ("param y : onehot", "`onehot` needs a size, as `onehot[8]`"),
        ("param y : real[2] with unit_colums", "did you mean `unit_columns`?"),
        ("param y : real[2] with orthonormal", "a vector"),
        ("latent y : real[2] from d\ninfer y by minimize", "`latent y` has no `from`"),
        ("observed y : real[2] init 0", "`observed y` has no `init`"),
        ("param y : real[2] ~ normal", "`param y` has no `~`"),
    ],
)
def test_variables_that_do_not_fit(line: str, message: str) -> None:
    told = messages(f"model m\ndata d = digits()\n{COST}{line}\n")
    assert any(message in each for each in told) or message == "a vector"
    assert len(told) == 1


def test_the_parts_of_a_variable_fail_by_themselves() -> None:
    line = "observed y : reel[2] with unit_colums from nothing\n"
    assert said("model m\n" + COST + line) == [
        ("unknown-domain", 4, 14),
        ("unknown-name", 4, 44),
    ]
    line = "param y : real[2] with unit_colums init nothing\n"
    assert said("model m\n" + COST + line) == [
        ("unknown-name", 4, 24),
        ("unknown-name", 4, 41),
    ]


def test_a_wrong_start_leaves_a_variable_to_be_used() -> None:
    body = "param y : real[2] init eye(3)\ncost e = sq(y - nobody)\n"
    assert said("model m\n" + COST + body) == [
        ("shape-mismatch", 4, 24),
        ("unknown-name", 5, 17),
    ]


def test_what_is_known_obeys_nothing() -> None:
    assert said("model m\ngiven x : real[2] with nonneg\ncost c = sq(x)\n") == [
        ("misplaced-clause", 2, 19)
    ]
