"""Weights and training state on disk: safetensors only, so nothing that we load can run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialize
from torch import Tensor

from ebmdsl.lower.constraints import in_a_run
from ebmdsl.runtime.directory import write_whole
from ebmdsl.runtime.errors import RefusedError, RunError

if TYPE_CHECKING:
    from ebmdsl.lower.module import EnergyModule

STATE_FILE = "training.safetensors"
Tensors = Mapping[str, Tensor]


@final
@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that a run needs to go on: steps done, weights, the optimizers' memory, states.

    In a run of several stages `step` counts the steps of its `stage`, and `before` those of
    the stages before it, whose weights and states are kept as well.
    """

    step: int
    weights: Tensors
    optimizers: Tensors = field(default_factory=dict[str, Tensor])
    states: Tensors = field(default_factory=dict[str, Tensor])
    stage: str = ""
    before: int = 0


def weights_of(module: EnergyModule) -> dict[str, Tensor]:
    """Copy the parameters, by the names that the file gives them."""
    return {name: x.detach().clone() for name, x in module.named_parameters()}


def save_weights(path: Path, weights: Tensors, *, program: str, digest: str) -> None:
    """Write weights with the program they belong to and its hash."""
    metadata = {"format": "ebmdsl", "program": program, "sha256": digest}
    write_whole(path, serialize(_plain(weights), metadata))


def load_weights(path: Path, module: EnergyModule, *, digest: str) -> None:
    """Fill a module from a file: the same program, shapes and constraints, or nothing."""
    tensors, metadata = _read(path)
    if metadata.get("sha256") != digest:
        raise RefusedError(f"{path} holds the weights of another program than model.ebm")
    fill(module, own(module, tensors), path=path)
    _verify_constraints(module, path)


def own(module: EnergyModule, tensors: Tensors) -> Tensors:
    """Return the weights that are a module's own, where its program has other stages too."""
    if not module.plan.staged:
        return tensors
    names = dict(module.named_parameters())
    return {name: x for name, x in tensors.items() if name in names}


def fill(module: EnergyModule, tensors: Tensors, *, path: Path) -> None:
    """Copy tensors into the parameters of the same names, shapes and types."""
    wanted = dict(module.named_parameters())
    if wanted.keys() != tensors.keys():
        odd = ", ".join(sorted(wanted.keys() ^ tensors.keys()))
        raise RefusedError(f"{path} does not fit the model: {odd}")
    for name, weight in wanted.items():
        found = tensors[name]
        if found.shape != weight.shape or found.dtype != weight.dtype:
            has, needs = _kind(found), _kind(weight)
            raise RefusedError(f"{path}: `{name}` is {has}, and the model needs {needs}")
        with torch.no_grad():
            weight.copy_(found)


def save_state(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint as one file, so that its parts can never be of different steps."""
    tensors = {f"weights/{name}": x for name, x in checkpoint.weights.items()}
    tensors |= {f"optimizers/{name}": x for name, x in checkpoint.optimizers.items()}
    tensors |= {f"states/{name}": x for name, x in checkpoint.states.items()}
    place = {"step": str(checkpoint.step), "before": str(checkpoint.before)}
    data = serialize(_plain(tensors), {**place, "stage": checkpoint.stage})
    write_whole(folder / STATE_FILE, data)


def load_state(folder: Path) -> Checkpoint:
    """Read a checkpoint back."""
    tensors, metadata = _read(folder / STATE_FILE)
    step, before = metadata.get("step", ""), metadata.get("before", "0")
    if not (step.isdecimal() and before.isdecimal()):
        raise RefusedError(f"{folder / STATE_FILE} is not a checkpoint of ours")
    weights, optimizers = _under(tensors, "weights/"), _under(tensors, "optimizers/")
    return Checkpoint(
        int(step),
        weights,
        optimizers,
        states=_under(tensors, "states/"),
        stage=metadata.get("stage", ""),
        before=int(before),
    )


def optimizer_state(optimizers: list[Any]) -> dict[str, Tensor]:
    """Read the memory of torch optimizers as named tensors."""
    return {
        f"{number}/{key}/{name}": torch.as_tensor(value).clone()
        for number, optimizer in enumerate(optimizers)
        for key, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
        if value is not None
    }


def restore_optimizers(optimizers: list[Any], tensors: Tensors) -> None:
    """Give torch optimizers their memory back."""
    states: list[dict[int, dict[str, Tensor]]] = [{} for _ in optimizers]
    for path, value in tensors.items():
        number, key, name = path.split("/", 2)
        states[int(number)].setdefault(int(key), {})[name] = value
    for optimizer, state in zip(optimizers, states, strict=True):
        optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _under(tensors: Tensors, prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): x for k, x in tensors.items() if k.startswith(prefix)}


def _plain(tensors: Tensors) -> dict[str, Tensor]:
    return {name: x.detach().cpu().contiguous() for name, x in tensors.items()}


def _kind(x: Tensor) -> str:
    return f"{str(x.dtype).removeprefix('torch.')}{list(x.shape)}"


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            names: list[str] = file.keys()
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
    except FileNotFoundError:
        raise RunError(f"{path} is missing") from None
    except (SafetensorError, OSError) as error:
        raise RefusedError(f"{path} is not a file of tensors: {error}") from None


def _verify_constraints(module: EnergyModule, path: Path) -> None:
    for declared in module.plan.model.with_role("param"):
        weight = module.get_parameter(declared.name)
        if not bool(weight.isfinite().all()):
            raise RefusedError(f"{path}: `{declared.name}` has entries that are not numbers")
        held = (in_a_run(one, module.weights) for one in declared.constraints)
        broken = [one.word for one in held if not one.holds(weight.detach())]
        if broken:
            reason = f"`{declared.name}` does not obey `{broken[0]}`"
            raise RefusedError(f"{path}: {reason}, as the program says it must")
