"""What `with` names for an inference."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages

HEAD = """model m
observed y : real[4]
latent z : real[4]
param W : real[4, 4]
let guess = W @ y
cost recon = sq(y - W @ z)
"""


def test_no_word_leaves_the_choice_to_the_planner() -> None:
    (infer,) = checked(HEAD + "infer z by minimize\n").infers
    assert (infer.solver, infer.sampler, infer.posterior) == (None, None, "")


def test_a_method_that_sums_may_be_named() -> None:
    (infer,) = checked(HEAD + "infer z by marginalize with gaussian\n").infers
    assert infer.marginalizer is not None
    assert (infer.marginalizer.word, infer.solver) == ("gaussian", None)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("minimize with langevin", "`langevin` draws, and `minimize` asks for something else"),
        ("minimize with variational(q)", "bounds a sum or an integral"),
        ("sample with fista", "`fista` finds a minimum, and `sample` asks for something else"),
        ("minimize with gaussian", "`gaussian` sums or integrates, and `minimize` asks"),
        ("marginalize with gausian", "unknown method `gausian` | did you mean `gaussian`?"),
        ("marginalize with gaussian(samples = 3)", "`gaussian` has no option `samples`"),
        ("marginalize with fista", "write `by minimize with fista`"),
        ("encode(guess) with fista", "`encode` is an answer already, and needs no method"),
        ("minimize with fista, ista", "one method at a time"),
        ("minimize with [fista]", "a method is a word or a call"),
        ("sample with langevinn", "unknown sampler `langevinn` | did you mean `langevin`?"),
        ("minimize with fista(gradient = all)", "unknown gradient mode `all`"),
        ("marginalize with variational", "`variational` takes a distribution by name"),
        ("marginalize with variational(guess)", "`guess` is no distribution"),
    ],
)
def test_words_that_answer_another_question(line: str, message: str) -> None:
    told = messages(f"{HEAD}infer z by {line}\n")
    assert len(told) == 1
    assert message in told[0]
