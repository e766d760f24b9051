"""Constants of a model: each has its place, and none of them is learned."""

from __future__ import annotations

import torch

from ebmdsl.check.model import Model
from ebmdsl.compilation import Compilation
from ebmdsl.lower.constants import constants_of, learned, unlearned
from ebmdsl.source.text import Source

STATES = """
model m
data digs = digits()
observed y : real[64] from digs.image
net   f   = linear(8) |> bn
state key = ema(f, 0.9)
state P   = particles(5, like = y)
state B   = bank(f(y))
state Q   = queue(key(y), 7)
cost c = sq(f(y)) + ramp(0, 1) * sq(key(y))
train by energy with adam(1e-3)
"""
USED = """
model inner
data digs = digits()
observed y : real[64] from digs.image
latent z : real[3]
param W : real[64, 3]
let V = W.T
cost c = sq(y - W @ z)
infer z by minimize
train by energy
"""
USER = """
model outer
use "inner.ebm" as dict
data digs = digits()
observed y : real[64] from digs.image
param U : real[3, 64]
cost c = sq(U @ y - dict.V @ y)
train by energy
"""


def model(text: str, **others: str) -> Model:
    def read(path: str, source: Source) -> Source:
        del source
        return Source(path, others[path.removesuffix(".ebm")])

    made = Compilation(Source("m.ebm", text), read=read).model
    assert made is not None
    return made


def test_states_statistics_followers_and_schedules_have_a_place() -> None:
    found = constants_of(model(STATES), dtype=torch.float64)
    assert {name: tuple(x.shape) for name, x in found.items()} == {
        "P": (5, 64),
        "Q": (7, 8),
        "f.bn.mean": (8,),
        "f.bn.variance": (8,),
        "key.linear.weight": (8, 64),
        "key.linear.bias": (8,),
        "key.bn.weight": (8,),
        "key.bn.bias": (8,),
        "key.bn.mean": (8,),
        "key.bn.variance": (8,),
        "ramp(0, 1)": (),
    }
    assert all(x.dtype == torch.float64 for x in found.values())


def test_the_weights_of_a_net_are_learned_or_not() -> None:
    f, key = model(STATES).nets
    assert [name for name, _ in learned(f)] == [
        "f.linear.weight",
        "f.linear.bias",
        "f.bn.weight",
        "f.bn.bias",
    ]
    assert [name for name, _ in unlearned(f)] == ["f.bn.mean", "f.bn.variance"]
    assert list(learned(key)) == []
    assert len(list(unlearned(key))) == len(key.weights)


def test_a_used_model_gives_what_does_not_depend_on_a_sample() -> None:
    found = constants_of(model(USER, inner=USED), dtype=torch.float32)
    assert {name: tuple(x.shape) for name, x in found.items()} == {
        "dict.W": (64, 3),
        "dict.V": (3, 64),
    }
