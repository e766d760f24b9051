"""Calls: catalogue words, the user's functions, other points, derivatives, reductions."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Op
from ebmdsl.expr.prove import prove
from tests.check.programs import messages, said, term

HEAD = """model m
observed y : real[4]
latent z : real[4]
param W : real[4, 4]
func huber(u) = sum(sqrt(1 + u^2) - 1)
cost recon = sq(y - W @ z)
infer z by minimize
"""


def test_a_function_is_written_out_where_it_is_used() -> None:
    one = term(HEAD + "cost e = huber(y - z)\n")
    other = term(HEAD + "cost e = sum(sqrt(1 + (y - z)^2) - 1)\n")
    assert one.node is other.node


def test_arguments_of_a_function_shadow_the_names_of_the_file() -> None:
    text = HEAD + "func mine(z) = sq(z)\ncost e = mine(y)\n"
    assert term(text).node.names == {"y"}


def test_user_names_shadow_the_catalogue() -> None:
    text = HEAD + "func l1(u) = sq(u)\ncost e = l1(y)\n"
    assert term(text).node is term(HEAD + "cost e = sq(y)\n").node


def test_a_term_at_another_point_is_the_term_rewritten() -> None:
    at_zero = term(HEAD + "loss e = recon(z = 0 * z)\n")
    assert at_zero.node is term(HEAD + "loss e = sq(y)\n").node


def test_derivatives_have_the_shape_of_what_they_are_taken_by() -> None:
    node = term(HEAD + "loss e = sum(grad(E, z))\n").node
    assert {each.op for each in (node, *node.args)} & {Op.GRADIENT, Op.CALL}


def test_arguments_by_name_go_to_their_places() -> None:
    text = "random m : binary[4] ~ bernoulli(0.5)\ncost e = sq(hide(y, where = m))\n"
    assert term(HEAD + text).node.names == {"y", "m"}


def test_a_pipe_is_nested_calls() -> None:
    one = term(HEAD + "cost e = (y - z) |> abs |> sum\n")
    assert one.node is term(HEAD + "cost e = l1(y - z)\n").node


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cost e = huber(y, z)", "`huber` takes 1 argument, not 2"),
        ("cost e = sqq(y)", "unknown function `sqq` | did you mean `sq`?"),
        ("cost e = dot(y)", "`dot` needs 2 arguments, not 1"),
        ("cost e = sq(y, steps = 1)", "`sq` has no option `steps`"),
        ("cost e = recon(q = y)", "unknown variable `q`"),
        ("cost e = recon()", "name what is replaced"),
        ("cost e = sq(W)(y)", "only what has a name can be called"),
        ("cost e = W(y)", "`W` is no function, and is the same at every point"),
        ("cost e = normal(0, 1)", "the law `normal(0, 1)` has no meaning here"),
        ("cost e = hide(y, wher = y)", "`hide` has no option `wher` | did you mean `where`?"),
        ("cost e = linear(3)(y)", "`linear` is a layer"),
        ("cost e = lin(y)", "unknown function `lin`"),
    ],
)
def test_calls_that_do_not_fit(line: str, message: str) -> None:
    (told,) = messages(HEAD + line + "\n")
    assert message in told


def test_the_lesser_of_two_values_is_entry_by_entry() -> None:
    node = term(HEAD + "cost e = sum(min(y, z))\n").node
    assert node is term(HEAD + "cost e = sum(y - relu(y - z))\n").node
    capped = term(HEAD + "cost e = sum(min(y, 20))\n").node
    assert capped is term(HEAD + "cost e = sum(clamp(y, high = 20))\n").node
    facts = prove(term(HEAD + "cost e = sum(max(z, y))\n").node, frozenset({"z"}))
    assert facts.convex


def test_two_mistakes_in_one_expression_are_two() -> None:
    text = HEAD + "cost e = dot(nobody, noone) + sq(y, steps = 1)\n"
    assert said(text) == [
        ("unknown-name", 8, 14),
        ("unknown-name", 8, 22),
        ("wrong-arguments", 8, 37),
    ]


def test_the_place_is_the_smallest_that_is_wrong() -> None:
    assert said(HEAD + "cost e = sq(y) + 2 * sq(nobody - z)\n") == [("unknown-name", 8, 25)]
