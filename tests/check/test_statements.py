"""What to do: infer, train, run, plot."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages

HEAD = """model m
observed y : real[4]
latent z : real[4]
param W : real[4, 4]
net enc = linear(4)
encoder zhat = enc(y)
cost recon = sq(y - W @ z)
regularizer small = sq(z - zhat)
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


def test_players_keep_their_order_and_their_turn() -> None:
    text = """infer z by minimize
train W by minimize(recon) with sgd(0.02)
train enc by energy with adam(1e-3, every = 2)
"""
    first, second = checked(HEAD + text).trains
    assert (first.names, first.strategy, first.every) == (("W",), None, 1)
    assert (second.names, second.objective, second.every) == (("enc",), None, 2)
    assert second.optimizer is not None
    assert second.optimizer.word == "adam"


def test_settings_are_read_key_by_key() -> None:
    text = "infer z by minimize\nrun { epochs = 3, batch = 7 }\nrun { epochs = 4 }\n"
    settings = checked(HEAD + text).settings
    assert (settings.epochs, settings.batch, settings.seed) == (4, 7, 0)


def test_plots_are_read() -> None:
    (plot,) = checked(HEAD + "infer z by minimize\nplot tile(W) on train\n").plots
    assert (plot.word, plot.arguments, plot.split) == ("tile", ("W",), "train")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train z by energy", "`train` takes parameters, and `z` is none"),
        ("train q by energy", "unknown param `q`"),
        ("infer W by minimize", "`infer` takes latents, and `W` is none"),
        ("train W by enrgy", "unknown training strategy `enrgy` | did you mean `energy`?"),
        ("train W by energy with adm(1)", "unknown optimizer `adm` | did you mean `adam`?"),
        ("run { epocs = 3 }", "no setting `epocs` | did you mean `epochs`?"),
        ("run { precision = 16 }", "`precision` is 32 or 64"),
        ("run { batch = 0 }", "`batch` is a whole number of at least 1"),
    ],
)
def test_statements_that_do_not_fit(line: str, message: str) -> None:
    (told,) = messages(HEAD + "infer z by minimize\n" + line + "\n")
    assert message in told
