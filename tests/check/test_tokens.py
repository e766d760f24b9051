"""Tokens in nets: the first layer is told how many signs there are."""

from __future__ import annotations

from ebmdsl.check.model import Net
from tests.check.programs import checked, messages

HEAD = (
    "model m\nobserved y[t in 1..5] : token[7]\nrandom m[t in 1..5] : binary ~ bernoulli(0.2)\n"
)


def net(text: str, name: str = "f") -> Net:
    """Return a net of a program."""
    return next(each for each in checked(HEAD + text).nets if each.name == name)


def test_the_table_has_a_row_for_every_token() -> None:
    found = net("net f = embed(3) |> linear(2)\ncost e = sum(f(y))\n")
    assert (found.input, found.output) == ((5,), (5, 2))
    assert found.weights[0] == ("embed.weight", (7, 3))


def test_the_mask_sign_has_a_row_too() -> None:
    text = "net f = embed(3)\ncost e = sum(f(y))\ncost d = sum(f(hide(y, where = m)))\n"
    assert net(text).weights == (("embed.weight", (8, 3)),)


def test_a_net_that_is_inside_another_is_told_too() -> None:
    text = "net g = embed(3)\nnet f = g |> linear(2)\ncost e = sum(f(y))\n"
    assert net(text, "g").weights == (("embed.weight", (7, 3)),)


def test_what_is_written_is_kept() -> None:
    found = net("net f = embed(3, alphabet = 9)\ncost e = sum(f(y))\n")
    assert found.weights == (("embed.weight", (9, 3)),)


def test_other_layers_compute_with_numbers() -> None:
    (told,) = messages(HEAD + "net f = linear(3)\ncost e = sum(f(y))\n")
    assert told == (
        "`linear` computes with numbers, but the net is given tokens"
        " | begin the net with `embed(…)`"
    )


def test_an_embedding_takes_signs() -> None:
    (told,) = messages("model m\nobserved x : real[4]\nnet f = embed(3)\ncost e = sum(f(x))\n")
    assert "`embed` takes tokens, but the net is given real numbers" in told
