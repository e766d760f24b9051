"""The pages of these mistakes are run with all others; here: what they say beside them."""

from __future__ import annotations

from tests.check.programs import messages

HEAD = """model m
observed y : real[2]
param a : real[2]
param b : real[2]
cost e = sq(y - a - b)
"""


def test_two_players_of_everything_are_told_to_name_theirs() -> None:
    (told,) = messages(HEAD + "train by energy\ntrain by energy\n")
    assert told == (
        "two `train` statements move all parameters | "
        "name the parameters of one of them, as `train W by …`"
    )


def test_a_misplaced_training_is_told_where_it_goes() -> None:
    (told,) = messages(HEAD + "train a by energy\nstage s { train b by energy }\n")
    assert "`stage first { train … }`" in told
