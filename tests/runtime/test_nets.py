"""Nets of every kind learn: copies apart, what is shared together."""

from __future__ import annotations

from pathlib import Path

import torch

from ebmdsl.concepts.context import Context
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


PHASES = """model phases
data digs = digits()
observed y : real[64] from digs.image
net enc = conv(8, 3) |> relu |> phase_pool(features = 4, space = 3, beta = 10)
net dec = unpool(3, features = 4) |> conv(1, 3, pad = full)
let picture = reshape(y, 1, 8, 8)
encoder z = enc(picture)
decoder back = dec(2 * z.what, z.where)
cost recon = sq(back - picture)
regularizer phase = sq(z.where) / 10
train by energy with adam(0.01)
run { steps = 3, batch = 8 }
"""


def test_named_outputs_go_their_own_ways(tmp_path: Path) -> None:
    module = run(PHASES, tmp_path).module
    enc, dec = module.plan.model.nets
    assert enc.outputs == (("what", (2, 2, 2)), ("where", (3, 2, 2, 2)))
    y = torch.rand(5, 64, generator=torch.Generator().manual_seed(0))
    held = {
        net.name: {name: module.get_parameter(f"{net.name}.{name}") for name, _ in net.weights}
        for net in (enc, dec)
    }
    picture = y.reshape(5, 1, 8, 8)
    z = enc.pipe.apply(picture, held["enc"], context=Context())
    both = torch.cat([2 * z[:, :1], z[:, 1:]], 1)
    back = dec.pipe.apply(both, held["dec"], context=Context())
    found = module.terms({"y": y})
    torch.testing.assert_close(found["recon"], (back - picture).square().flatten(1).sum(1))
    torch.testing.assert_close(found["phase"], z[:, 1:].square().flatten(1).sum(1) / 10)
