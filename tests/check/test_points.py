"""States and contrastive points, and F at other points."""

from __future__ import annotations

import pytest

from ebmdsl.expr.node import Op
from tests.check.programs import checked, messages

HEAD = """model m
observed y : binary[4]
latent z : real[4]
net f = linear(2)
cost e = sq(y - z) + sq(f(y))
infer z by minimize
"""


def test_particles_are_like_something() -> None:
    state = checked(HEAD + "state P = particles(100, like = y)\n").find("P")
    assert state is not None
    assert (state.role, state.shape, state.quantity.domain.name) == ("state", (4,), "binary")
    assert state.whole == (100, 4)


def test_a_queue_has_rows_of_what_it_remembers() -> None:
    state = checked(HEAD + "state q = queue(f(y), 32)\n").find("q")
    assert state is not None
    assert state.whole == (32, 2)


def test_a_negative_has_the_shape_of_where_it_starts() -> None:
    negative = checked(HEAD + "negative yn from gibbs(start = y, steps = 1)\n").find("yn")
    assert negative is not None
    assert (negative.role, negative.shape) == ("negative", (4,))


def test_f_at_a_negative_is_another_number() -> None:
    text = HEAD + "negative yn from gibbs(start = y, steps = 1)\nloss push = F - F(yn)\n"
    loss = checked(text).terms[-1].node
    assert {arg.args[-1].op if arg.args else arg.op for arg in loss.args} & {
        Op.POINT,
        Op.VARIABLE,
    }


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("state P = particle(100, like = y)", "unknown kind of state"),
        ("state P = particles(100)", "`particles` needs `like = y`"),
        ("state q = queue(f(y))", "say how many are remembered"),
        ("loss e2 = F(y, z)", "name what is replaced"),
    ],
)
def test_what_does_not_fit(line: str, message: str) -> None:
    (told,) = messages(HEAD + line + "\n")
    assert message in told
