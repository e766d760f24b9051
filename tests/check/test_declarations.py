"""Declarations: domains, shapes, data, initial values, constraints, distributions."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages, said


def test_domains_and_shapes_are_read() -> None:
    model = checked(
        "model m(k = 3)\nobserved y[t in 1..5] : token[27]\nlatent s[t in 1..5] : onehot[k]\n"
        "param A : simplex[k, k]\ncost e[t] = dot(s[t], A @ s[t])\ninfer s by minimize\n"
    )
    y, s, a = model.declared
    assert (y.quantity.domain.size, y.shape, y.whole) == (27, (), (5,))
    assert (s.shape, s.whole) == ((3,), (5, 3))
    assert (a.role, a.quantity.domain.name) == ("param", "simplex")


def test_a_variable_takes_the_main_field_of_its_data() -> None:
    model = checked(
        "model m\ndata d = digits()\nobserved y : real[64] from d\ncost e = sq(y)\n"
    )
    assert model.declared[0].source == ("d", "image")


def test_a_definition_does_not_see_itself() -> None:
    program = (
        "model m\ndata digits = digits()\nobserved y : real[64] from digits\ncost e = sq(y)\n"
    )
    assert checked(program).data[0].dataset.word == "digits"


def test_declarations_come_in_any_order() -> None:
    lines = [
        "observed y : real[4]",
        "latent z : real[2]",
        "param W : real[4, 2]",
        "decoder yhat = W @ z",
        "cost e = sq(y - yhat)",
        "infer z by minimize",
    ]
    forward = checked("model m\n" + "\n".join(lines) + "\n")
    backward = checked("model m\n" + "\n".join(reversed(lines)) + "\n")
    assert forward.terms[0].node is backward.terms[0].node


def test_initial_values() -> None:
    model = checked(
        "model m\ndata d = digits()\nobserved y : real[64] from d\n"
        "param a : real init 0.5\nparam W : real[64, 3] init kmeans_pp(y)\n"
        "param b : real[64] init logit(y.mean)\nparam V : real[2] init normal(0.1)\n"
        "cost e = sq(y - b) + a * sum(W) + sum(V)\n"
    )
    inits = {each.name: each.init for each in model.with_role("param")}
    words = {name: (init.word, init.of) for name, init in inits.items() if init is not None}
    assert words == {
        "a": ("constant", ""),
        "W": ("kmeans_pp", "y"),
        "b": ("logit", "y.mean"),
        "V": ("normal", ""),
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("observed y : reel[2]", "`reel` is no domain | did you mean `real`?"),
        ("observed y : real[0]", "a size is at least 1, not 0"),
        ("observed y : real[100] from d", "`y` is [100], but `d.image` is [64]"),
        ("observed y : binary[64] from d", "`y` is binary, but `d.image` is real"),
        ("observed y : real[64] from d.imag", "unknown field `imag` | did you mean `image`?"),
        ("observed y : real[64] from e", "unknown data set `e`"),
        ("param y : real[2] with unit_colums", "did you mean `unit_columns`?"),
    ],
)
def test_declarations_that_do_not_fit(line: str, message: str) -> None:
    told = messages(f"model m\ndata d = digits()\nobserved x : real\ncost c = x^2\n{line}\n")
    assert any(message in each for each in told)


def test_only_scalars_are_terms() -> None:
    assert said("model m\nobserved y : real[2]\ncost e = y\n") == [("term-not-scalar", 3, 10)]
    assert said("model m\nobserved y : real[1, 1]\ncost e = y\n") == []
