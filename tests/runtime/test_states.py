"""States: started from the data, written after the parameters, restored bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.elimination import Asked
from ebmdsl.runtime.checkpoint import load_state
from ebmdsl.runtime.config import TrainOptions
from ebmdsl.runtime.data import batches
from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.metrics import Silent
from ebmdsl.runtime.start import Start, resume
from ebmdsl.runtime.states import States, set_schedules
from ebmdsl.runtime.train import train
from ebmdsl.runtime.trained import open_run
from tests.runtime.programs import after, compiled, run, started

ALL = """model remembering
data digs = digits()
observed y : real[64] from digs.image
net f = linear(8)
state key = ema(f, 0.9)
state P = particles(5, like = y)
state Q = queue(key(y), 24)
state B = bank(f(y), momentum = 0.25, then = unit)
state S = ema(f(y), 0.8)
cost c = sq(f(y) - S) / 2
loss near = -dot(f(y), B)
train by energy with sgd(0.01)
run { steps = 6, batch = 16 }
"""
RAMPED = """model ramped
data digs = digits()
observed y : real[64] from digs.image
param m : real[64]
cost c = sq(y - m) / 2 + ramp(0, 1, over = 100%) * sq(m) / 2
train by energy with sgd(decay(0.1, over = 10))
run { steps = 4, batch = 16 }
"""


LAYERED = """model layered
data digs = digits()
observed y : real[64] from digs.image
net enc = linear(8) |> bn
net dec = dropout(0.5) |> linear(64)
decoder yhat = dec(enc(y))
cost c = sq(y - yhat) / 2
train by energy with sgd(0.001)
run { steps = 4, batch = 32 }
"""


def rows_of(
    start: Start, *, first: int = 0, count: int = 16
) -> tuple[Tensor, dict[str, Tensor]]:
    rows = torch.arange(first, first + count)
    return rows, {**start.samples.rows(rows), **start.states.rows(rows)}


def weight(start: Start, name: str) -> Tensor:
    return start.module.weights[name].detach().clone()


def coded(start: Start, net: str, y: Tensor) -> Tensor:
    return y @ weight(start, f"{net}.linear.weight").T + weight(start, f"{net}.linear.bias")


def test_states_start_from_training_samples_and_first_parameters(tmp_path: Path) -> None:
    start = started(ALL, tmp_path)
    y, states = start.samples.variables["y"], start.states
    assert torch.equal(weight(start, "key.linear.weight"), weight(start, "f.linear.weight"))
    known = {tuple(row.tolist()) for row in y}
    assert {tuple(row.tolist()) for row in states.whole("P")} <= known
    codes = coded(start, "f", y)
    entries = torch.nn.functional.normalize(codes, dim=-1)
    torch.testing.assert_close(states.whole("B"), entries)
    assert states.whole("Q").shape == (24, 8)
    nearest = torch.cdist(states.whole("Q"), codes).amin(1)
    assert float(nearest.max()) < 1e-2
    torch.testing.assert_close(states.whole("S"), codes.mean(0))


def test_every_state_is_written_from_its_step(tmp_path: Path) -> None:
    start = started(ALL, tmp_path)
    before = start.states.tensors()
    rows, values = rows_of(start, first=3)
    with torch.no_grad():
        start.module.get_parameter("f.linear.weight").add_(0.125)
    start.states.put("P", torch.full((5, 64), 2.0))
    start.states.write(values, rows=rows)
    now = start.states.tensors()
    followed = before["key.linear.weight"].lerp(weight(start, "f.linear.weight"), 1 - 0.9)
    torch.testing.assert_close(now["key.linear.weight"], followed)
    torch.testing.assert_close(now["P"], torch.full((5, 64), 2.0))
    codes, keys = coded(start, "f", values["y"]), coded(start, "key", values["y"])
    torch.testing.assert_close(now["Q"], torch.cat([keys, before["Q"]])[:24])
    mixed = 0.25 * before["B"][rows] + 0.75 * codes
    torch.testing.assert_close(now["B"][rows], torch.nn.functional.normalize(mixed, dim=-1))
    others = torch.ones(len(before["B"]), dtype=torch.bool)
    others[rows] = False
    assert torch.equal(now["B"][others], before["B"][others])
    torch.testing.assert_close(now["S"], 0.8 * before["S"] + 0.2 * codes.mean(0))


def test_particles_stay_where_no_chain_has_moved_them(tmp_path: Path) -> None:
    start = started(ALL, tmp_path)
    before = start.states.whole("P").clone()
    rows, values = rows_of(start)
    start.states.write(values, rows=rows)
    assert torch.equal(start.states.whole("P"), before)


def test_a_state_is_no_parameter(tmp_path: Path) -> None:
    start = started(ALL, tmp_path)
    assert {name for name, _ in start.module.named_parameters()} == {
        "f.linear.weight",
        "f.linear.bias",
    }
    assert not any(x.requires_grad for x in start.states.tensors().values())


def test_resuming_takes_up_every_state_bit_for_bit(tmp_path: Path) -> None:
    whole = run(ALL, tmp_path / "whole")
    part = run(ALL, tmp_path / "part", stop=after(3)).run
    start = resume(compiled(ALL), part, options=TrainOptions(out=tmp_path))
    train(start, Silent())
    there, here = load_state(whole.run.state), load_state(part.state)
    assert there.states.keys() == here.states.keys() == start.states.tensors().keys()
    for name, x in there.states.items():
        assert torch.equal(x, here.states[name]), name
    for name, x in there.weights.items():
        assert torch.equal(x, here.weights[name]), name


def test_a_trained_run_opens_with_its_states(tmp_path: Path) -> None:
    model = run(ALL, tmp_path)
    opened = open_run(model.run)
    for name, x in model.module.constants.items():
        assert torch.equal(opened.module.constants[name], x), name


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x: x.pop("Q"), "does not fit the states of the model: Q"),
        (lambda x: x.update(P=torch.zeros(4, 64)), r"`P` is \[4, 64\], and the model needs"),
        (lambda x: x["S"].fill_(float("nan")), "`S` has entries that are not numbers"),
        (lambda x: x.update(B=x["B"][:, :4]), r"`B` is \[\d+, 4\]"),
    ],
    ids=["missing", "shape", "nan", "bank"],
)
def test_states_that_do_not_fit_are_refused(
    change: Callable[[dict[str, Tensor]], object], message: str, tmp_path: Path
) -> None:
    start = started(ALL, tmp_path)
    held = start.states.tensors()
    change(held)
    with pytest.raises(RefusedError, match=message):
        States(start.module).restore(held, path=tmp_path)


def test_schedules_in_terms_follow_the_step(tmp_path: Path) -> None:
    start = started(RAMPED, tmp_path)
    place = start.module.constants["ramp(0, 1, over = 100%)"]
    assert float(place) == 0
    start.states.begin(1, 4)
    assert float(place) == 0.25
    set_schedules(start.module, 3, steps=4)
    assert float(place) == 0.75
    values = start.samples.rows(slice(2))
    with torch.no_grad():
        start.module.get_parameter("m").fill_(2.0)
    found = start.module.solve(values).value
    expected = ((values["y"] - 2) ** 2).sum(-1) / 2 + 0.75 * 64 * 4 / 2
    torch.testing.assert_close(found, expected)


def test_a_trained_run_is_read_at_the_end_of_its_schedules(tmp_path: Path) -> None:
    opened = open_run(run(RAMPED, tmp_path, steps=4).run)
    assert float(opened.module.constants["ramp(0, 1, over = 100%)"]) == 0.75


def test_an_entry_is_bent_by_functions_of_the_catalogue_only(tmp_path: Path) -> None:
    own = ALL.replace("then = unit", "then = half").replace(
        "cost c", "func half(u) = u / 2\ncost c"
    )
    with pytest.raises(RunError, match="only a function of the catalogue"):
        started(own, tmp_path)


def test_others_are_never_the_own_entry(tmp_path: Path) -> None:
    start = started(ALL, tmp_path)
    rows, bank = torch.tensor([0, 5, len(start.states.whole("B")) - 1]), start.states.whole("B")
    rng = torch.Generator().manual_seed(0)
    drawn = start.states.others("B", rows, count=4000, rng=rng)
    assert drawn.shape == (3, 4000, 8)
    for row, entries in zip(rows.tolist(), drawn, strict=True):
        seen = {tuple(one.tolist()) for one in entries}
        assert seen == {tuple(one.tolist()) for n, one in enumerate(bank) if n != row}


def test_running_statistics_follow_the_data_after_the_parameters(tmp_path: Path) -> None:
    start = started(LAYERED, tmp_path, steps=1)
    first = {name: x.detach().clone() for name, x in start.module.weights.items()}
    assert torch.equal(first["enc.bn.mean"], torch.zeros(8))
    assert torch.equal(first["enc.bn.variance"], torch.ones(8))
    rows = next(batches(start.samples.count, 32, seed=0, epoch=0))
    train(start, Silent())
    seen = start.samples.variables["y"][rows] @ first["enc.linear.weight"].T
    seen = seen + first["enc.linear.bias"]
    torch.testing.assert_close(start.module.constants["enc.bn.mean"], 0.1 * seen.mean(0))
    variance = 0.9 + 0.1 * seen.var(0)
    torch.testing.assert_close(start.module.constants["enc.bn.variance"], variance)


def test_layers_take_noise_in_training_only(tmp_path: Path) -> None:
    start = started(LAYERED, tmp_path)
    values = start.samples.rows(slice(8))
    quiet = start.module.solve(values).value
    assert torch.equal(quiet, start.module.solve(values).value)
    asked = [Asked(context=start.states.context(step)) for step in (0, 0, 1)]
    first, same, other = (start.module.asked(values, each).value for each in asked)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert not torch.equal(first, quiet)


def test_resuming_takes_up_running_statistics_bit_for_bit(tmp_path: Path) -> None:
    whole = run(LAYERED, tmp_path / "whole")
    part = run(LAYERED, tmp_path / "part", stop=after(2)).run
    start = resume(compiled(LAYERED), part, options=TrainOptions(out=tmp_path))
    train(start, Silent())
    for name, x in whole.module.weights.items():
        assert torch.equal(x, start.module.weights[name]), name
