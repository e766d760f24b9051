"""Values at other points: what is replaced, what is computed again, what stays."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Op, walk
from tests.check.programs import messages, said, term

HEAD = """model m
given x : real[2]
observed y : real[4]
latent z : real[4]
param W : real[4, 4]
net enc = linear(4)
random e : real[4] ~ normal(0, 0.1)
let r = y - W @ z
encoder zhat = enc(y)
cost recon = sq(r)
cost other = sq(z) + sq(zhat)
infer z by minimize
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("recon(z = 0)", "sq(y)"),
        ("recon(z = zhat)", "sq(y - W @ enc(y))"),
        ("E(z = zhat)", "sq(y - W @ enc(y)) + 2 * sq(enc(y))"),
        ("E(z = 0, y = e)", "sq(e) + sq(enc(e))"),
        ("recon(r = e)", "sq(e)"),
        ("E(zhat = 2 * e, z = 0)", "sq(y) + 4 * sq(e)"),
        ("sq(r(z = 0))", "sq(y)"),
        ("sq(zhat(y + e))", "sq(enc(y + e))"),
        ("sq(zhat(e))", "sq(enc(e))"),
    ],
)
def test_variables_and_nodes_are_replaced(one: str, other: str) -> None:
    nodes = [term(HEAD + f"loss t = {each}\n", "t").node for each in (one, other)]
    assert nodes[0] is nodes[1]


def test_a_latent_is_found_again_where_the_sample_is_another() -> None:
    node = term(HEAD + "loss t = recon(y = e)\n", "t").node
    (found,) = [each for each in walk(node) if each.op is Op.POINT]
    assert (found.args[0].data.name, found.data) == ("z", ("y",))
    assert "W" in node.names


def test_one_argument_without_a_name_replaces_the_observed_variable() -> None:
    one = term(HEAD + "loss t = F(y + e)\n", "t").node
    assert one is term(HEAD + "loss t = F(y = y + e)\n", "t").node
    assert (one.op, one.args[0].data.name) == (Op.POINT, "F")


def test_a_point_of_a_point_is_one_point() -> None:
    head = HEAD + "let g = grad(F, y)\n"
    one = term(head + "loss t = sq(g(y = y + e))\n", "t").node
    point = one.args[0]
    assert (point.op, point.args[0].op, point.data) == (Op.POINT, Op.GRADIENT, ("y",))
    again = term(HEAD + "let f = F(y + e)\nloss t = f(y = 2 * y)\n", "t").node
    assert again is term(HEAD + "loss t = F(2 * y + e)\n", "t").node


def test_the_free_energy_at_another_value_of_a_node() -> None:
    node = term(HEAD + "loss t = F(zhat = e)\n", "t").node
    assert (node.op, node.data) == (Op.POINT, ("zhat",))


def test_log_z_does_not_depend_on_what_it_integrates_over() -> None:
    one = term(HEAD + "let c = logZ + sq(y)\nloss t = c(y = e)\n", "t").node
    assert one is term(HEAD + "loss t = logZ + sq(e)\n", "t").node


PLATED = """model m
observed x[t in 0..2] : real[2]
random n[t in 0..2] : real[2] ~ normal(0, 1)
cost e = sq(x[2] - x[1]) + sq(x)
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("e(n)", "sq(n[2] - n[1]) + sq(n)"),
        ("e(x = 0)", "0"),
        ("E(x = x + n)", "sq(x[2] + n[2] - x[1] - n[1]) + sq(x + n)"),
    ],
)
def test_a_plated_variable_is_replaced_whole(one: str, other: str) -> None:
    left, right = (term(PLATED + f"loss t = {each}\n", "t").node for each in (one, other))
    assert left.names == right.names
    assert left.shape == right.shape == ()


def test_a_point_for_every_index_gives_a_value_for_every_index() -> None:
    text = PLATED + "negative xn[j in 1..4] from others(x)\nloss t = mean[j](e(xn[j]))\n"
    node = term(text, "t").node
    assert (node.op, node.data, node.plates) == (Op.OVER_PLATE, ("mean", "j"), ())
    assert [plate.index for plate in node.args[0].plates] == ["j"]


@pytest.mark.parametrize(
    ("line", "id", "at"),
    [
        ("loss t = F(z = 0)", "wrong-arguments", 12),
        ("loss t = F(y = 0, y = e)", "wrong-arguments", 19),
        ("loss t = F(y, e)", "wrong-arguments", 15),
        ("loss t = F()", "wrong-arguments", 10),
        ("loss t = recon(q = 0)", "unknown-name", 16),
        ("loss t = recon(enc = 0)", "wrong-role", 16),
        ("loss t = recon(z = x)", "shape-mismatch", 20),
        ("loss t = sq(W(y))", "wrong-arguments", 13),
        ("cost t = F(e)", "misplaced-expression", 10),
    ],
)
def test_what_cannot_be_replaced(line: str, id: str, at: int) -> None:
    assert said(HEAD + line + "\n") == [(id, 13, at)]


def test_several_points_want_an_index() -> None:
    text = HEAD + "negative yn[j in 1..4] from others(y)\nloss t = F(yn)\n"
    (told,) = messages(text)
    assert told == (
        "`y` is [4], and what replaces it is [4, 4] | index it, as `mean[j](F(yn[j]))`"
    )
