"""Expressions: what names stand for, operators, indices, and where shapes do not meet."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Cut, Op, quantities
from tests.check.programs import checked, diagnosed, messages, said, term

HEAD = """model m(lam = 0.5)
observed y : real[4]
latent z : onehot[4]
param W : real[3, 4]
let r = y - z
data d = spiral()
loss l = sq(y)
report fit = mean(F)
infer z by minimize
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sq(r)", "sq(y - z)"),
        ("lam * sq(y)", "sq(y) / 2"),
        ("-(-sq(y))", "sq(y)"),
        ("50% * sq(y)", "0.5 * sq(y)"),
        ("dot(y, y)", "y @ y"),
        ("sq(y * 1)", "sq(y)"),
        ("2 * sum(y)", "sum(y) + sum(y)"),
        ("sq(W @ y)", "sq(y @ W.T)"),
    ],
)
def test_two_ways_to_write_one_thing(one: str, other: str) -> None:
    first, second = term(HEAD + f"cost e = {one}\n"), term(HEAD + f"cost e = {other}\n")
    assert first.node is second.node


def test_operators_bind_as_in_python() -> None:
    assert term(HEAD + "cost e = -2^2\n").node.data == -4
    assert term(HEAD + "cost e = 2 * 3 - 4 / 2\n").node.data == 4


def test_the_energy_is_the_sum_of_its_terms_without_losses() -> None:
    program = HEAD + "cost a = sq(y)\nregularizer b = sum(z)\nloss c = sq(r)\nloss e = E\n"
    model = checked(program)
    energy = next(each for each in model.terms if each.name == "e").node
    assert energy is term(HEAD + "cost e = sq(y) + sum(z)\n").node


def test_entries_and_ranges() -> None:
    node = term(HEAD + "cost e = 1 * y[2]\n").node
    assert (node.op, node.data, node.shape) == (Op.INDEX, Cut(0, 2), ())
    assert term(HEAD + "cost e = sq(y[1..2])\n").node.args[0].shape == (2,)


def test_a_node_knows_everywhere_it_was_written() -> None:
    model = checked(HEAD + "cost a = sq(r)\ncost b = 2 * sq(y - z)\n")
    node = next(each for each in model.terms if each.name == "a").node
    assert [span.line for span in model.origins[node]] == [10, 11]


@pytest.mark.parametrize(
    ("expression", "message", "column"),
    [
        ("sq(W - y)", "[3, 4] cannot meet [4]", 13),
        ("sq(y @ W)", "[4] @ [3, 4]: the inner sizes [4] and [3] differ", 13),
        ("sq(2 @ y)", "`@` joins vectors and matrices, not a scalar and [4]", 13),
        ("sq(y^z)", "an exponent must be a number", 15),
        ("sq(infer_me)", "unknown name `infer_me`", 13),
        ("sq(y.mode)", "unknown part `mode`", 15),
        ('sq("text")', "a text is no number", 13),
        ("sq([1, [2, 3]])", "a list of a scalar and [2]", 13),
        ("sq(d)", "`d` is a data set, not a value of a sample", 13),
        ("F", "`F` has no meaning here: it is made of the energy", 10),
        ("2 * l", "the loss `l` has no meaning here", 14),
        ("fit", "the report `fit` has no meaning here", 10),
        ("sq(y - lam) < 3", "`sq(y - lam) < 3` is 0 or 1", 10),
    ],
)
def test_what_does_not_fit_is_shown_where_it_is(
    expression: str, message: str, column: int
) -> None:
    (told,) = messages(HEAD + f"cost e = {expression}\n")
    assert message in told
    ((_, line, at),) = said(HEAD + f"cost e = {expression}\n")
    assert (line, at) == (10, column)


def test_a_list_is_a_value() -> None:
    node = term(HEAD + "cost e = dot(y, [1, 2, 3, 4])\n").node
    (row,) = [arg for arg in node.args if arg.op is Op.LIST]
    assert row.shape == (4,)
    ones = term(HEAD + "cost e = sum(y - [1, 1, 1, 1])\n").node
    assert ones is term(HEAD + "cost e = sum(y - 1)\n").node or ones.shape == ()


def test_a_schedule_in_the_header_is_a_number_of_the_step() -> None:
    head = "model m(lam = ramp(0, 0.5, over = 10%))\nobserved y : real[2]\n"
    text = head + "cost e = lam * sq(y)\n"
    (schedule,) = [q for q in quantities(term(text).node) if q.role == "schedule"]
    assert (schedule.name, schedule.bounds) == ("lam", (0.0, 0.5))


def test_labels_show_both_declarations_with_their_shapes() -> None:
    head = "model m\nobserved y : real[c = 3, h = 4]\nlatent z[t in 1..5] : real[2]\n"
    text = head + "infer z by minimize\ncost e = sum(y + z[1])\n"
    (found,) = diagnosed(text)
    assert [label.text for label in found.labels] == ["`y` is [c = 3, h = 4]", "`z[t]` is [2]"]


def test_a_mistake_inside_a_function_shows_the_call() -> None:
    (found,) = diagnosed(HEAD + "func far(a, b) = sq(a - b)\ncost e = far(y, [1, 2])\n")
    assert (found.span.line, found.labels[-1].span.line) == (10, 11)
    assert found.labels[-1].text == "called here: `a` is [4], `b` is [2]"


def test_one_entry_stays_a_vector() -> None:
    head = "model m\nobserved y : real[2]\nparam C : real[2, 1]\nrandom s : real[1] ~ normal\n"
    text = head + "random t : real[1] ~ normal\ncost e = sq(y - C @ s - C @ t)\n"
    assert term(text).node is term(text.replace("C @ s - C @ t", "C @ (s + t)")).node
    assert term(text.replace("C @ s", "C @ (2 * s)")).node.names == {"y", "C", "s", "t"}


def test_functions_are_no_values() -> None:
    (told,) = messages(HEAD + "net f = relu\ncost e = sq(f)\n")
    assert told == "`f` is a function, not a value | call it: `f(…)`"
