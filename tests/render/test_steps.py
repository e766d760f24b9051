"""One step in words: alike refusals share a line, starts and nesting are told."""

from __future__ import annotations

from ebmdsl.plan.plan import Rejected
from ebmdsl.render.steps import count, in_a_loss, refused, told
from ebmdsl.source.text import Source, Span
from tests.plan.plans import plan_of

TEXT = """model m
given x : real[1]
observed y : real[1]
latent z : onehot[3]
param W : real[1, 3]
cost fit = sq(y^2 - x - W @ z)
infer z by {ring}
predict y by minimize with lbfgs from starts(-2..2, 9)
train by energy
"""


def test_methods_that_lack_the_same_share_a_line() -> None:
    span = Span(Source("a.ebm", "one\ntwo\n"), 4, 7)
    lines = refused(
        (
            Rejected("fista", "it is not convex", span),
            Rejected("omp", "nothing counts"),
            Rejected("admm", "it is not convex"),
        )
    )
    assert lines == ["not fista, admm (line 2): it is not convex", "not omp: nothing counts"]


def test_a_prediction_tells_its_starts_and_what_is_gone_inside() -> None:
    plan, said = plan_of(TEXT.format(ring="marginalize"))
    assert plan is not None, said
    lines = told(plan.predictions[0])
    assert any("9 starts on -2..2" in line for line in lines)
    assert any("`z` found anew at each point" in line for line in lines)
    assert any(line.startswith("certificate: ") and " of F" in line for line in lines)


def test_what_an_answer_is_in_a_loss_is_always_told() -> None:
    said = {
        "minimize": "gradient: `z` is a constant in the loss: exact for F, by the envelope",
        "marginalize": "gradient: F is differentiated exactly; `z` itself is a constant",
        "sample with gibbs(steps = 2)": "gradient: `z` is a constant draw",
        "encode(0)": "gradient: `z` moves with the encoder",
    }
    for ring, line in said.items():
        plan, found = plan_of(TEXT.format(ring=ring))
        assert plan is not None, (ring, found)
        assert in_a_loss(plan.eliminations[0])[0].startswith(line), ring


def test_numbers_are_written_with_their_thousands_apart() -> None:
    assert count(1234567) == "1,234,567"
