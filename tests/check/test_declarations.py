"""Declarations: nodes, distributions and terms, in any order."""

from __future__ import annotations

from ebmdsl.expr.node import Op
from tests.check.programs import checked, said


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


def test_only_scalars_are_terms() -> None:
    assert said("model m\nobserved y : real[2]\ncost e = y\n") == [("term-not-scalar", 3, 10)]
    assert said("model m\nobserved y : real[1, 1]\ncost e = y\n") == []


def test_a_distribution_is_a_draw_of_its_law() -> None:
    model = checked(
        "model m\nobserved y : real[4]\nnet f = linear(2)\n"
        "encoder q ~ normal(f(y), 0.1)\ncost e = sq(q)\n"
    )
    (block,) = model.blocks
    assert (block.random, block.node.op, block.node.shape) == (True, Op.DRAW, (2,))


def test_what_a_statement_names_is_listed() -> None:
    model = checked(
        "model m(k = 2)\nobserved y : real[4]\nparam W : real[4, 4]\n"
        "let u = k * (W @ y)\ncost e = sq(u)\n"
    )
    assert model.blocks[0].inputs == ("W", "y")
    assert model.blocks[0].text == "k * (W @ y)"
