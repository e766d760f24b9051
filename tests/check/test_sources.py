"""Data: steps and fields, and the variables that come from them."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages, said


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
    assert said(program.replace("= digits()", "= digitss()")) == [("unknown-name", 2, 15)]


def test_data_may_go_on_from_data() -> None:
    model = checked(
        "model m\ndata a = digits() |> standardize\ndata b = a |> unit_std\n"
        "observed y : real[64] from b\ncost e = sq(y)\n"
    )
    assert [step.word for step in model.data[1].transforms] == ["standardize", "unit_std"]


def test_a_function_of_the_main_field_changes_its_shape() -> None:
    model = checked(
        "model m\nfunc half(u) = u[0..15] / 2\n"
        "data d = digits() |> half |> standardize |> half\n"
        "observed y : real[16] from d\nobserved c : onehot[10] from d.label\ncost e = sq(y)\n"
    )
    (data,) = model.data
    assert [step.word for step in data.transforms] == ["standardize"]
    assert [(step.after, step.text) for step in data.through] == [(0, "half"), (1, "half")]
    assert [(each.name, each.shape) for each in data.fields] == [
        ("image", (16,)),
        ("label", (10,)),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("observed y : real[100] from d", "`y` is [100], but `d.image` is [64]"),
        ("observed y : binary[64] from d", "`y` is binary, but `d.image` is real"),
        ("observed y : real[64] from d.imag", "unknown field `imag` | did you mean `image`?"),
        ("observed y : real[64] from e", "unknown data set `e`"),
        ("observed y : real from x", "values come from data, and `x` is none"),
        ("observed y : real[64] from d |> abs", "values come from data by name"),
        ("data a = digits() |> ab", "unknown transform `ab`"),
    ],
)
def test_sources_that_do_not_fit(line: str, message: str) -> None:
    head = "model m\ndata d = digits()\nobserved x : real\ncost c = x^2\n"
    told = messages(f"{head}{line}\nreport r = mean(y)\n" if "y" in line else f"{head}{line}\n")
    assert len(told) == 1, told
    assert message in told[0]


def test_an_alphabet_is_as_large_as_its_data() -> None:
    head = 'model m\ndata d = letters("brown", length = 8)\n'
    body = "observed y[t in 1..8] : token[{0}] from d\ncost e[t] = y[t] == y[t]\n"
    (told,) = messages(head + body.format(26).replace("e[t] = y[t] == y[t]", "e = 1"))
    assert "has 26 signs, but `d.text` has 27 signs" in told
