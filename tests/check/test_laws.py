"""Distributions: draws of encoders, laws of random variables, likelihoods."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.facts import Curvature
from ebmdsl.expr.node import Op
from ebmdsl.expr.prove import prove
from tests.check.programs import checked, messages, said, term

HEAD = """model m
observed y : real[4]
observed v : binary[4]
latent z : real[4]
param W : real[4, 4]
net mu = linear(4)
infer z by minimize
cost base = sq(y - z)
"""


def test_an_encoder_with_a_law_is_a_draw() -> None:
    model = checked(HEAD + "encoder q ~ normal(mu(y), 0.1)\nencoder p ~ normal(mu(y), 0.1)\n")
    first, second = model.blocks
    assert (first.random, first.node.op, first.node.shape) == (True, Op.DRAW, (4,))
    assert (first.node.data.word, first.node.data.owner) == ("normal", "q")
    assert first.node is not second.node


def test_a_draw_moves_with_what_its_law_depends_on() -> None:
    model = checked(HEAD + "encoder q ~ normal(W @ y, 1)\n")
    facts = prove(model.blocks[0].node, frozenset({"W"}))
    assert facts.affine


def test_the_law_of_a_random_variable_may_be_of_numbers_or_of_expressions() -> None:
    text = "random e : real[4] ~ normal(0, 2)\nrandom m : binary[4] ~ bernoulli(v.mean)\n"
    model = checked(HEAD + text)
    noise, mask = model.find("e"), model.find("m")
    assert noise is not None
    assert mask is not None
    assert noise.law is not None
    assert mask.law is not None
    assert (noise.law.options[0].mean, noise.law.options[0].scale) == (0, 2)
    (share,) = mask.law.options
    assert (share.op, share.data, share.shape) == (Op.SPLIT, ("mean", True, "train"), (4,))


def test_a_likelihood_is_quadratic_where_the_law_is_normal() -> None:
    node = term(HEAD + "cost e = nll(normal(W @ z, 2), y)\n").node
    assert node.op is Op.NLL
    facts = prove(node, frozenset({"z"}))
    assert (facts.degree, facts.curvature) == (2, Curvature.CONVEX)
    assert prove(node, frozenset({"y"})).degree == 2


def test_one_argument_of_a_law_is_its_scale() -> None:
    one = term(HEAD + "cost e = nll(normal(2), y)\n").node
    assert one is term(HEAD + "cost e = nll(normal(mean = 0, scale = 2), y)\n").node


@pytest.mark.parametrize(
    ("line", "id", "at"),
    [
        ("cost e = nll(bernoulli(0.5), y)", "wrong-domain", 10),
        ("cost e = nll(v, v)", "not-a-distribution", 14),
        ("cost e = nll(eye(4), v)", "not-a-distribution", 14),
        ("cost e = nll(norml(0, 1), y)", "unknown-name", 14),
        ("cost e = nll(y)", "wrong-arguments", 10),
        ("cost e = nll(normal(0, 1, 2), y)", "wrong-arguments", 27),
        ("cost e = nll(normal(sigma = 1), y)", "wrong-arguments", 21),
        ("random e : binary[4] ~ normal(0, 1)", "wrong-domain", 24),
        ("random e : real[4] ~ normal(0, -1)", "wrong-arguments", 32),
        ("random e : real[4] ~ normal(W, 1)", "shape-mismatch", 22),
        ("encoder q ~ normal(mu(y), W)", "shape-mismatch", 13),
        ("encoder q ~ mu(y)", "not-a-distribution", 13),
    ],
)
def test_what_is_no_law_for_this_value(line: str, id: str, at: int) -> None:
    assert said(HEAD + line + "\n") == [(id, 9, at)]


def test_the_message_names_both_domains() -> None:
    (told,) = messages(HEAD + "cost e = nll(bernoulli(0.5), y)\n")
    assert told.startswith("`y` is real, and `bernoulli` draws binary values")
