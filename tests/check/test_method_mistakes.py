"""The pages of these mistakes are run with all others; here: what they say beside them."""

from __future__ import annotations

from tests.check.programs import messages

HEAD = """model m
observed y : real[2]
latent z : real[2]
cost e = sq(y - z) + sq(z)
"""


def test_a_method_names_the_question_that_it_answers() -> None:
    (told,) = messages(HEAD + "infer z by sample with fista\n")
    assert told.endswith("write `by minimize with fista`, or leave the method to the planner")


def test_an_unknown_value_names_what_is_known() -> None:
    (told,) = messages(HEAD + "infer z by sample\nreport r = mean(F)\n")
    assert "`E`, the energy at the draw" in told
