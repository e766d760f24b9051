"""Nets of every kind learn: copies apart, what is shared together."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.runtime.programs import run, started

DEEP = """model deep(d = 6)
data digs = digits()
observed y : real[64] from digs.image
net enc = linear(d) |> stack(2, residual(linear(d) |> silu)) |> repeat(2, linear(d) |> tanh)
net mid = residual(linear(d) |> tanh)
net front = enc |> mid
net dec = mid |> linear(64)
encoder z = front(y)
decoder back = dec(z)
cost recon = sq(y - back)
train by energy with adam(0.01)
run { steps = 3, batch = 8 }
"""


def test_every_weight_of_a_net_learns(tmp_path: Path) -> None:
    before = started(DEEP, tmp_path / "before").module.state_dict()
    after = run(DEEP, tmp_path / "after").module.state_dict()
    assert sorted({name.rpartition(".")[0] for name in after}) == [
        "dec.linear",
        "enc.linear",
        "enc.repeat.linear",
        "enc.stack.1.residual.linear",
        "enc.stack.2.residual.linear",
        "mid.residual.linear",
    ]
    assert not any(torch.equal(before[name], after[name]) for name in after)


def test_a_player_moves_the_nets_that_it_names_and_not_what_they_share(
    tmp_path: Path,
) -> None:
    text = DEEP.replace("train by energy with adam(0.01)", "train dec by minimize(F)")
    before = started(text, tmp_path / "before").module.state_dict()
    after = run(text, tmp_path / "after").module.state_dict()
    moved = {name for name in after if not torch.equal(before[name], after[name])}
    assert moved == {"dec.linear.weight", "dec.linear.bias"}


def test_what_a_weight_keeps_is_restored_after_every_update(tmp_path: Path) -> None:
    text = DEEP.replace("front = enc |> mid", "front = enc |> mid |> residual(shrink)")
    module = started(text, tmp_path).module
    threshold = module.get_parameter("front.residual.shrink.threshold")
    with torch.no_grad():
        threshold.copy_(torch.tensor([-1.0, 0.5, -0.1, 0.0, 2.0, -3.0]))
    module.project(["front"])
    assert threshold.tolist() == [0.0, 0.5, 0.0, 0.0, 2.0, 0.0]
