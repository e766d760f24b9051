"""Checkpoints: what is read is what was written, and nothing that does not belong."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from ebmdsl.concepts.kinds import Optimizer
from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.runtime.checkpoint import (
    Checkpoint,
    load_state,
    load_weights,
    optimizer_state,
    restore_optimizers,
    save_state,
    save_weights,
    weights_of,
)
from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.trained import open_run
from ebmdsl.std.optimizers.adam import Adam
from ebmdsl.std.optimizers.sgd import Sgd
from tests.runtime.programs import SPARSE, compiled, run


@pytest.fixture
def module() -> EnergyModule:
    plan = compiled(SPARSE).plan
    assert plan is not None
    made = lower(plan)
    with torch.no_grad():
        made.get_parameter("W").fill_(1 / 8)
    return made


def test_weights_come_back(module: EnergyModule, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, weights_of(module), program="model m", digest="d")
    before = weights_of(module)
    with torch.no_grad():
        module.get_parameter("W").zero_()
    load_weights(path, module, digest="d")
    assert torch.equal(module.get_parameter("W"), before["W"])


def test_weights_of_another_program_are_refused(module: EnergyModule, tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, weights_of(module), program="model m", digest="d")
    with pytest.raises(RefusedError, match="another program"):
        load_weights(path, module, digest="e")


WRONG = {
    "does not fit the model: V, W": {"V": torch.zeros(64, 12)},
    r"`W` is float32\[3\], and the model needs float32\[64, 12\]": {"W": torch.zeros(3)},
    r"`W` is float64\[64, 12\]": {"W": torch.zeros(64, 12).double()},
    "`W` has entries that are not numbers": {"W": torch.full((64, 12), torch.nan)},
    "`W` does not obey `unit_columns`": {"W": torch.ones(64, 12)},
}


@pytest.mark.parametrize("message", WRONG)
def test_weights_that_do_not_belong_are_refused(
    message: str, module: EnergyModule, tmp_path: Path
) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, WRONG[message], program="model m", digest="d")
    with pytest.raises(RefusedError, match=message):
        load_weights(path, module, digest="d")


def test_nothing_that_is_loaded_can_run(tmp_path: Path) -> None:
    found = run(SPARSE, tmp_path).run
    witness = tmp_path / "witness"
    for path in (found.weights, found.state / "training.safetensors"):
        path.write_bytes(pickle.dumps(_Touch(witness)))
    with pytest.raises(RefusedError, match="not a file of tensors"):
        open_run(found)
    with pytest.raises(RefusedError, match="not a file of tensors"):
        load_state(found.state)
    assert not witness.exists()


class _Touch:
    """An object whose pickle would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def test_a_checkpoint_is_one_file_with_its_step(tmp_path: Path) -> None:
    weights, memory = {"W": torch.randn(3)}, {"0/0/step": torch.tensor(2.0)}
    save_state(tmp_path, Checkpoint(17, weights, memory))
    assert [path.name for path in tmp_path.iterdir()] == ["training.safetensors"]
    found = load_state(tmp_path)
    assert found.step == 17
    assert torch.equal(found.weights["W"], weights["W"])
    assert torch.equal(found.optimizers["0/0/step"], memory["0/0/step"])


def test_a_missing_or_foreign_checkpoint_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is missing"):
        load_state(tmp_path)
    save_file({"W": torch.zeros(2)}, tmp_path / "training.safetensors")
    with pytest.raises(RefusedError, match="not a checkpoint of ours"):
        load_state(tmp_path)


@pytest.mark.parametrize("rule", [Adam(rate=0.1), Sgd(rate=0.1, momentum=0.9)])
def test_optimizers_remember(rule: Optimizer) -> None:
    first, second = (torch.ones(3, requires_grad=True) for _ in range(2))
    one, two = (rule.build([w]) for w in (first, second))
    for _ in range(3):
        _step(one, first)
    second.data.copy_(first)
    restore_optimizers([two], optimizer_state([one]))
    for optimizer, weight in ((one, first), (two, second)):
        _step(optimizer, weight)
    assert torch.equal(first, second)


def _step(optimizer: torch.optim.Optimizer, weight: torch.Tensor) -> None:
    weight.grad = weight.detach() ** 2
    optimizer.step()
