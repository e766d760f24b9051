"""Who moves which parameter, what for, and by which rule."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages, said

HEAD = """model m(k = 2)
data d = digits()
given x : real[4]
observed y : real[4]
latent z : real[4]
param W : real[4, 4]
net enc = linear(4)
state slow = ema(enc, 0.99)
encoder zhat = enc(y)
func f(u) = sq(u)
cost recon = sq(y - W @ z) + f(zhat - slow(x))
infer z by minimize
"""


def test_players_keep_their_order_and_their_turn() -> None:
    text = """train W by minimize(recon) with sgd(0.02)
train enc by energy with adam(1e-3, every = 2)
"""
    first, second = checked(HEAD + text).trains
    assert (first.names, first.strategy, first.every) == (("W",), None, 1)
    assert (second.names, second.objective, second.every) == (("enc",), None, 2)
    assert second.optimizer is not None
    assert second.optimizer.word == "adam"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("train z by energy", "`train` takes parameters, and `z` is none"),
        ("train q by energy", "unknown parameter `q`"),
        ("train k by energy", "`k` is none"),
        ("train d by energy", "`d` is none"),
        ("train f by energy", "`f` is none"),
        ("train zhat by energy", "`zhat` is none"),
        ("train recon by energy", "`recon` is none"),
        ("train slow by energy", "train that one"),
        ("train W by enrgy", "unknown training strategy `enrgy` | did you mean `energy`?"),
        ("train W by energy with adm(1)", "unknown optimizer `adm` | did you mean `adam`?"),
        ("train W by energy with sgd(1), adam", "one rule at a time"),
        ("train W by energy with adam(every = 0)", "`every` is a whole number of at least 1"),
        ("train W by energy with adam(every = 2, every = 2)", "`every` is given twice"),
        ("train W by energy with adam(rat = 2)", "`adam` has no option `rat`"),
        ("train W by minimize", "`minimize` needs what is minimized"),
        ("train W by minimize()", "`minimize` needs what is minimized"),
        ("train W by minimize(y)", "`y` is [4] per sample"),
        ("train W by minimize(F, rate = 2)", "`minimize` has no option `rate`"),
    ],
)
def test_players_that_do_not_fit(line: str, message: str) -> None:
    told = messages(HEAD + line + "\n")
    assert len(told) == 1, told
    assert message in told[0]


def test_the_parts_of_a_player_fail_by_themselves() -> None:
    line = "train W, nobody by enrgy with adm(every = 0)\n"
    wanted = [("unknown-name", 13, 10), ("unknown-name", 13, 20), ("unknown-name", 13, 31)]
    assert said(HEAD + line) == [*wanted, ("wrong-arguments", 13, 43)]
