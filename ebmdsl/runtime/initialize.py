"""Initial values: every parameter from its own random stream, or from the training data."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, cast

import torch

from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.unrolled import Unrolled
from ebmdsl.lower.closed_form import kmeans_pp
from ebmdsl.lower.encoders import StrangeMapsError, maps
from ebmdsl.lower.seed import stream
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.statistics import settled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.check.model import Declared, Init, Net
    from ebmdsl.concepts.kinds import Weight
    from ebmdsl.lower.module import EnergyModule

FLOOR = 1e-3
SPREAD = 0.1
LOG_Z = "logZ"


@torch.no_grad()
def initialize(
    module: EnergyModule, values: Mapping[str, Tensor], *, seed: int, attempt: int = 0
) -> None:
    """Fill every parameter; `values` are the training samples, [n, ...] by name.

    A later `attempt` draws other numbers, for a restart.
    """
    for net in module.plan.model.nets:
        _fill_net(module, net, seed=seed, attempt=attempt)
    for declared in _ordered(module.plan.model.with_role("param")):
        rng = stream(seed, f"init {declared.name}", step=attempt)
        weight = module.get_parameter(declared.name)
        weight.copy_(initial_value(declared, values, module=module, rng=rng))
    module.project(module.plan.model.parameters)
    for net in module.plan.model.nets:
        _start_from_energy(module, net)
    for declared in module.plan.model.with_role("param"):
        if declared.init is not None and declared.init.word == LOG_Z:
            module.get_parameter(declared.name).fill_(_log_partition(module, values))
    for name, weight in module.named_parameters():
        if not bool(weight.isfinite().all()):
            raise RunError(f"the initial value of `{name}` is not finite")


def _ordered(params: tuple[Declared, ...]) -> list[Declared]:
    """Put parameters that start from others after these."""
    found: list[Declared] = []
    pending = list(params)
    while pending:
        waiting = {each.name for each in pending}
        ready = [each for each in pending if not waiting & (_asked(each) - {each.name})]
        found += ready or pending
        pending = [each for each in pending if each not in found]
    return found


def _asked(declared: Declared) -> frozenset[str]:
    """Name what the first value of a parameter is computed from."""
    init = declared.init
    computed = init is not None and init.word == "value"
    return init.options[0].names if init is not None and computed else frozenset()


def initial_value(
    declared: Declared,
    values: Mapping[str, Tensor],
    *,
    module: EnergyModule,
    rng: torch.Generator,
) -> Tensor:
    """Return the first value of a parameter, before it is projected."""
    init = declared.init
    if init is None:
        return _default(declared, rng)
    match init.word:
        case "kmeans_pp":
            return _spread_out(declared, _samples(init, values, module=module), rng=rng)
        case "value":
            return settled(init.options[0], {**module.weights, **values}).to(module.like.dtype)
        case _ if init.word == LOG_Z:
            return torch.zeros(declared.shape)
        case "logit":
            return logit(_statistic(init, values, module=module)).expand(declared.shape)
        case _:
            return _drawn(init, declared, rng=rng)


def _log_partition(module: EnergyModule, values: Mapping[str, Tensor]) -> float:
    """Return log Z of the model as it starts, the mean over what is given."""
    samples = len(next(iter(values.values()))) if values else 1
    return float(module.log_partition(values, samples=samples).mean())


def logit(p: Tensor, *, floor: float = FLOOR) -> Tensor:
    """Return the log odds of probabilities that stay `floor` away from 0 and 1."""
    return torch.logit(p.double(), eps=floor).to(p.dtype)


def _default(declared: Declared, rng: torch.Generator) -> Tensor:
    shape, domain = declared.shape, declared.quantity.domain.name
    match domain:
        case "positive":
            return torch.ones(shape)
        case "simplex":
            return torch.softmax(SPREAD * torch.randn(shape, generator=rng), -1)
        case "sphere":
            return torch.nn.functional.normalize(torch.randn(shape, generator=rng), dim=-1)
        case "nonneg":
            return _by_columns(shape, rng).abs()
        case _:
            return _by_columns(shape, rng)


def _by_columns(shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Draw normal numbers of scale 1/√columns; vectors and scalars start at 0."""
    if len(shape) < 2:
        return torch.zeros(shape)
    return torch.randn(shape, generator=rng) / shape[-1] ** 0.5


def _drawn(init: Init, declared: Declared, *, rng: torch.Generator) -> Tensor:
    (option,) = init.options
    if isinstance(option, Law):
        return option.draw(declared.shape, rng)
    constant: Law = cast("Any", find(Law, "constant"))(value=option)
    return constant.draw(declared.shape, rng)


def _samples(init: Init, values: Mapping[str, Tensor], *, module: EnergyModule) -> Tensor:
    """Return the training values of an observed variable or of a node of the model."""
    name = init.of.partition(".")[0]
    if name in values:
        return values[name]
    block = next((each for each in module.plan.model.blocks if each.name == name), None)
    if block is None or not block.node.names <= {*values, *module.weights, *_nets(module)}:
        raise RunError(f"`{init.word}({init.of})`: `{name}` has no value before training")
    return module.evaluate(block.node, values)


def _nets(module: EnergyModule) -> set[str]:
    return {net.name for net in module.plan.model.nets}


def _statistic(init: Init, values: Mapping[str, Tensor], *, module: EnergyModule) -> Tensor:
    x = _samples(init, values, module=module)
    word = init.of.partition(".")[2]
    wide = x.double()
    match word:
        case "mean":
            return wide.mean(0).to(x.dtype)
        case "std":
            return wide.std(0, correction=0).to(x.dtype)
        case _:
            raise RunError(f"`{init.word}({init.of})`: write `{init.of}.mean`")


def _spread_out(declared: Declared, samples: Tensor, *, rng: torch.Generator) -> Tensor:
    """Choose columns among the samples, far from one another; too few of them come again."""
    d, k = declared.shape[0], prod(declared.shape[1:])
    x = samples.reshape(len(samples), -1)
    if x.shape[1] != d:
        raise RunError(f"`{declared.name}`: {k} columns of {x.shape[1]} entries do not fit")
    return kmeans_pp(x, k, rng=rng).reshape(declared.shape)


def _fill_net(module: EnergyModule, net: Net, *, seed: int, attempt: int) -> None:
    """Start every weight of a net that is learned as its layer declares."""
    learned = (each for each in net.pipe.weights(net.input) if net.learned and each.learned)
    for declared in (each for each in learned if each.source is None):
        name = f"{net.name}.{declared.name}"
        weight = module.get_parameter(name)
        weight.copy_(_net_weight(declared, stream(seed, f"init {name}", step=attempt)))


def _start_from_energy(module: EnergyModule, net: Net) -> None:
    """Start the maps of an unrolled solver from the energy that it is about."""
    known: dict[Unrolled, dict[str, Tensor]] = {}
    for declared in net.pipe.weights(net.input):
        layer = declared.source
        if not isinstance(layer, Unrolled) or not net.learned:
            continue
        if layer not in known:
            known[layer] = _maps(module, layer, net=net)
        weight = module.get_parameter(f"{net.name}.{declared.name}")
        weight.copy_(known[layer][declared.name.rpartition(".")[2]])


def _maps(module: EnergyModule, layer: Unrolled, *, net: Net) -> dict[str, Tensor]:
    try:
        return maps(layer, module.weights, like=module.like)
    except StrangeMapsError as error:
        raise RunError(f"`{net.name}` cannot start as `{layer.text()}`: {error}") from None


def _net_weight(declared: Weight, rng: torch.Generator) -> Tensor:
    law = cast("Any", find(Law, declared.init))
    if law is None:
        raise RunError(f"no weight of a layer starts as `{declared.init}`")
    drawn: Tensor = law().draw(declared.shape, rng)
    return declared.scale * drawn
