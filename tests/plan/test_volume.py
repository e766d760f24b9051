"""What limits the volume of low energy is proved, and what limits nothing is reported."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import compile

MODEL = """model m
observed y : real[4]
latent z : {latent}
param W : real[4, {size}] {constraint}
cost recon = sq(y - W @ z)
{regularizer}
infer z by minimize
train by energy
"""


def outcome(
    latent: str = "real[6]", size: int = 6, *, regularizer: str = "", constraint: str = ""
) -> tuple[tuple[str, ...], set[str]]:
    text = MODEL.format(
        latent=latent, size=size, regularizer=regularizer, constraint=constraint
    )
    compilation = compile(text)
    plan = compilation.plan
    found = {each.id for each in compilation.diagnostics.all}
    return (() if plan is None else plan.volume), found


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("onehot[6]", 6), "`z` has only 6 states"),
        (("real[2]", 2), "`z` has 2 dimensions, fewer than the 4 observed"),
    ],
)
def test_few_states_and_few_dimensions_limit(arguments: tuple[str, int], sentence: str) -> None:
    limits, found = outcome(*arguments)
    assert sentence in limits
    assert "collapse" not in found


def test_a_penalty_limits_while_the_decoder_is_bounded() -> None:
    limits, found = outcome(regularizer="regularizer r = l1(z)", constraint="with unit_columns")
    assert any("makes large values of `z` expensive" in limit for limit in limits)
    assert found == set()


def test_a_penalty_on_a_latent_with_a_free_decoder_is_warned_about() -> None:
    _, found = outcome(regularizer="regularizer r = l1(z)")
    assert found == {"unbounded-gain"}


def test_a_latent_that_can_reproduce_everything_collapses() -> None:
    limits, found = outcome()
    assert limits == ()
    assert "collapse" in found


def test_a_penalty_that_knows_the_data_limits_nothing() -> None:
    _, found = outcome(regularizer="regularizer r = sq(y[0] * z)")
    assert "collapse" in found
