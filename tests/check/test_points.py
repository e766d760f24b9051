"""States: what is remembered, of what, and how."""

from __future__ import annotations

import pytest

from ebmdsl.check.model import Declared, Memory
from tests.check.programs import checked, messages, said

HEAD = """model m
observed y : binary[4]
observed x[t in 1..3] : real[2]
param b : real[4]
net f = linear(2)
cost e = sq(y - b) + sq(f(y))
"""


def _state(line: str) -> tuple[Declared, Memory]:
    found = checked(HEAD + line + "\n").find("s")
    assert found is not None
    assert found.memory is not None
    assert found.role == "state"
    return found, found.memory


@pytest.mark.parametrize(
    ("line", "word", "whole", "options"),
    [
        ("particles(100, like = y)", "particles", (100, 4), (("count", 100),)),
        ("particles(like = x, count = 5)", "particles", (5, 3, 2), (("count", 5),)),
        ("queue(f(y), 32)", "queue", (32, 2), (("count", 32),)),
        ("bank(f(y))", "bank", (2,), ()),
        ("bank(f(y), 0.5, then = unit)", "bank", (2,), (("momentum", 0.5), ("then", "unit"))),
        ("ema(f(y), 0.9)", "ema", (2,), (("rate", 0.9),)),
    ],
)
def test_states_keep_what_was_written(
    line: str, word: str, whole: tuple[int, ...], options: tuple[object, ...]
) -> None:
    found, memory = _state(f"state s = {line}")
    assert (memory.word, found.whole, memory.options) == (word, whole, options)
    assert memory.of is not None


def test_particles_have_the_domain_of_what_they_are_like() -> None:
    assert _state("state s = particles(9, like = y)")[0].quantity.domain.name == "binary"


def test_a_bank_has_a_value_for_every_sample() -> None:
    assert _state("state s = bank(f(y))")[0].quantity.per_sample
    assert not _state("state s = queue(f(y), 4)")[0].quantity.per_sample


def test_a_moving_average_of_a_net_is_a_net_that_is_not_learned() -> None:
    model = checked(HEAD + "state key = ema(f, 0.99)\nloss l = sq(key(y))\n")
    net = next(each for each in model.nets if each.name == "key")
    assert not net.learned
    assert net.output == (2,)
    assert net.memory == Memory("ema", None, (("net", "f"), ("rate", 0.99)))
    assert model.parameters == ("b", "f")


@pytest.mark.parametrize(
    ("line", "id", "column"),
    [
        ("particle(100, like = y)", "unknown-name", 11),
        ("particles(100)", "wrong-arguments", 11),
        ("particles(0, like = y)", "wrong-arguments", 21),
        ("particles(100, like = y, steps = 3)", "wrong-arguments", 36),
        ("queue(f(y))", "wrong-arguments", 11),
        ("queue(f(y), 3, 4)", "wrong-arguments", 26),
        ("queue(f(y), 3, count = 4)", "wrong-arguments", 26),
        ("bank(f(y), momentum = 1.5)", "wrong-arguments", 33),
        ("bank(f(y), then = unitt)", "unknown-name", 29),
        ("ema(f)", "wrong-arguments", 11),
        ("ema(y, 0.9)", "wrong-role", 15),
        ("ema(f, 2)", "wrong-arguments", 18),
    ],
)
def test_what_is_not_remembered(line: str, id: str, column: int) -> None:
    assert said(HEAD + f"state s = {line}\n") == [(id, 7, column)]


def test_the_message_says_what_a_state_takes() -> None:
    (told,) = messages(HEAD + "state s = queue(f(y))\n")
    assert told == "`queue` needs how many are remembered | `queue` takes `of`, `count`"
