"""What a model depends on and never learns: states, followers, statistics, schedules, runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ebmdsl.lower.outside import statistics_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from ebmdsl.check.model import Model, Net, Used

    Shaped = tuple[str, tuple[int, ...]]


def constants_of(model: Model, *, dtype: torch.dtype) -> dict[str, Tensor]:
    """Return a place for every constant of a model, by name; all are zero.

    They are changed in place only, so that what is computed from them can tell. A state with
    a value for each sample, as a bank, is no constant: its entries come with the samples.
    """
    return {name: torch.zeros(shape, dtype=dtype) for name, shape in _shapes(model)}


def _shapes(model: Model) -> Iterator[Shaped]:
    for declared in model.with_role("state"):
        if not declared.quantity.keyed:
            yield declared.name, declared.whole
    for net in model.nets:
        yield from unlearned(net)
    for name, _ in model.schedules:
        yield name, ()
    yield from statistics(model)
    for used in model.used:
        yield from ((f"{used.name}.{name}", shape) for name, shape in shared(used))


def statistics(model: Model) -> Iterator[Shaped]:
    """List the statistics of the training split, by the keys of their nodes."""
    for node in statistics_in(model):
        yield node.key, (*(plate.size for plate in node.plates), *node.shape)


def learned(net: Net) -> Iterator[Shaped]:
    """List the weights of a net that training moves."""
    for weight in net.pipe.weights(net.input):
        if net.learned and weight.learned:
            yield f"{net.name}.{weight.name}", weight.shape


def unlearned(net: Net) -> Iterator[Shaped]:
    """List the weights of a net that follows another one, and running statistics."""
    moved = {name for name, _ in learned(net)}
    every = ((f"{net.name}.{name}", shape) for name, shape in net.weights)
    yield from (each for each in every if each[0] not in moved)


def shared(used: Used) -> Iterator[Shaped]:
    """List what a used model gives under its name: all that does not depend on a sample."""
    model = used.model
    for declared in model.with_role("param", "state"):
        if not declared.quantity.keyed:
            yield declared.name, declared.whole
    for net in model.nets:
        yield from ((f"{net.name}.{name}", shape) for name, shape in net.weights)
    for part in (*model.blocks, *model.terms):
        if not part.node.per_sample:
            sizes = (plate.size for plate in part.node.plates)
            yield part.name, (*sizes, *part.node.shape)
