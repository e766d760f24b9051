"""How variables disappear, and what a statement about it may say."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages, said

HEAD = """model m
observed y : real[4]
latent z : real[4]
param W : real[4, 4]
net enc = linear(4)
encoder zhat = enc(y)
cost recon = sq(y - W @ z)
regularizer small = sq(z - zhat)
loss far = sq(z)
"""


def test_an_inference_is_read_whole() -> None:
    text = "infer z by minimize(recon) with fista(tol = 1e-6, gradient = implicit) from zhat\n"
    (infer,) = checked(HEAD + text).infers
    assert infer.solver is not None
    assert (infer.ring, infer.solver.word, infer.gradient) == ("minimize", "fista", "implicit")
    assert infer.terms is not None
    assert infer.start is not None
    assert infer.method.text.startswith("fista")


def test_an_encoder_may_be_the_answer() -> None:
    (infer,) = checked(HEAD + "infer z by encode(zhat)\n").infers
    assert infer.terms is None
    assert infer.encoded is checked(HEAD + "infer z by encode(zhat)\n").blocks[0].node


def test_a_sampler_is_read_with_its_options() -> None:
    (infer,) = checked(HEAD + "infer z by sample with langevin(steps = 7)\n").infers
    assert infer.sampler is not None
    assert (infer.ring, infer.sampler.word, infer.solver) == ("sample", "langevin", None)


def test_a_sampler_moves_where_the_values_are() -> None:
    text = HEAD.replace("latent z : real[4]", "latent z : binary[4]")
    (told,) = messages(text + "infer z by sample with langevin(steps = 7)\n")
    assert "`langevin` moves through a continuum, and `z` is binary" in told


def test_a_posterior_is_a_distribution_of_the_shape_of_its_latent() -> None:
    text = "encoder zq ~ normal(zhat, 0.1)\ninfer z by marginalize with variational(zq)\n"
    (infer,) = checked(HEAD + text).infers
    assert (infer.ring, infer.posterior, infer.beta) == ("marginalize", "zq", 1.0)


def test_a_search_may_begin_at_many_places() -> None:
    text = "infer z by minimize\npredict y by minimize from starts(-2..2, 9)\n"
    _, predict = checked(HEAD + text).infers
    assert (predict.kind, predict.starts, predict.start) == ("predict", (-2, 2, 9), None)


def test_a_temperature_belongs_to_what_is_summed_or_drawn() -> None:
    (infer,) = checked(HEAD + "infer z by marginalize(beta = 2)\n").infers
    assert infer.beta == 2
    (drawn,) = checked(HEAD + "infer z by sample(beta = 3)\n").infers
    assert drawn.beta == 3


def test_a_temperature_may_change_during_training() -> None:
    head = HEAD.replace("model m", "model m(warm = ramp(0.1, 1))")
    (infer,) = checked(head + "infer z by marginalize(beta = 1 / warm)\n").infers
    assert infer.annealed is not None
    assert (infer.annealed.names, infer.beta) == ({"warm"}, 1.0)
    (told,) = messages(head + "infer z by marginalize(beta = -warm)\n")
    assert "`beta` is a number above zero, not `-warm`" in told
    (told,) = messages(head + "infer z by marginalize(beta = y[0])\n")
    assert "`beta` must be a number known before the run" in told


def test_variables_named_together_go_together() -> None:
    text = "latent w : real[4]\nregularizer s = sq(w)\ninfer z, w by minimize\n"
    (infer,) = checked(HEAD + text).infers
    assert infer.names == ("z", "w")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("infer z by minimize(recon, y)", "`y` is [4] per sample"),
        ("infer z by minimize(sum(y))", "`z` does not appear in what is minimized"),
        ("infer z by minimize(far)", "`minimize` takes terms of the energy, and `far` is none"),
        ("infer z by minimize(beta = 2)", "`minimize` has no option `beta`"),
        ("infer z by minimize from W", "`z` is [4], but this is [4, 4]"),
        ("infer z by encode(W)", "`z` is [4], but this is [4, 4]"),
        ("infer z by encode(zhat) from zhat", "`encode` is an answer already, and needs no"),
        ("infer z by minimize from starts(2..1, 9)", "`starts` needs a range that rises"),
        ("infer z by minimize from starts(0..1, 0)", "`starts` needs at least one start"),
        ("infer z by minimize from starts(9)", "`starts` takes the first and the last value"),
        ("infer z by marginalize(beta = 1, beta = 2)", "`beta` is given twice"),
        ("infer z by sample from starts(0..1, 3)", "`sample` takes one start"),
        ("latent v : real[4]\ninfer z, v by encode(zhat)", "gives one variable its value"),
    ],
)
def test_what_does_not_fit_is_said(line: str, message: str) -> None:
    (told,) = messages(HEAD + line + "\n")
    assert message in told


def test_the_parts_of_a_statement_fail_by_themselves() -> None:
    line = "infer z, q by minimize(nothing) with fistaa from nobody\n"
    wanted = [
        ("unknown-name", 10, 10),
        ("unknown-name", 10, 24),
        ("unknown-name", 10, 38),
        ("unknown-name", 10, 50),
    ]
    assert said(HEAD + line) == wanted
