"""Mining: the samples of a batch that are the most telling contrastive points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ebmdsl.check.plates import opened
from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Plate, Quantity
from ebmdsl.expr.points import moved, replacing
from ebmdsl.expr.stacks import stacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.check.model import Drawn
    from ebmdsl.lower.module import EnergyModule

    Values = Mapping[str, Tensor]

HERE = "the other samples"
F = variable(Quantity("F", "free"), ())


def mined(module: EnergyModule, drawn: Drawn, *, values: Values, count: int) -> Tensor:
    r"""Return, for each sample, the values of other samples at which the energy is telling.

    `hard`: those of least energy; `easy`: of the largest; `semihard`: of the least energy
    above that of the sample itself, and the hardest where there are no such ones. [n, count,
    *event]; with fewer samples they repeat.

    References: Schroff, Kalenichenko & Philbin 2015, arXiv:1503.03832
    """
    assert drawn.start is not None
    options = dict(drawn.options)
    by = options.get("by", F)
    energies = pairs(module, by, start=drawn.start, values=values)
    order = ranked(energies, str(options.get("kind", "hard")))
    n = len(order)
    columns = torch.arange(count) % max(n - 1, 1)
    return module.evaluate(drawn.start, values)[order[:, columns]]


def pairs(module: EnergyModule, by: Node, *, start: Node, values: Values) -> Tensor:
    """Return a value of every sample with the variable of every other one, [n, n]."""
    inner, plates = opened(start)
    assert inner.op is Op.VARIABLE, "what is mined is a variable"
    x = values[inner.data.name]
    n = len(x)
    quantity = Quantity(HERE, "negative", inner.data.domain)
    other = variable(quantity, inner.shape, plates=(Plate(HERE, 0, n), *plates))
    value = replacing(stacked(other, plates), inner.shape, plates=plates)
    node = moved(by, {inner.data.name: value}, fixed=frozenset())
    known = {**values, HERE: x.unsqueeze(0).expand(n, *x.shape)}
    return module.evaluate(node, known).reshape(n, n)


def ranked(energies: Tensor, kind: str) -> Tensor:
    """Return the other samples in the order in which they are taken, [n, n - 1]."""
    n = len(energies)
    own = energies.diagonal().unsqueeze(1)
    rank = energies if kind != "easy" else -energies
    if kind == "semihard":
        far = energies.amax() - energies.amin() + 1
        rank = torch.where(energies > own, energies, energies + far)
    rank = rank.clone().fill_diagonal_(torch.inf)
    return rank.argsort(dim=1, stable=True)[:, : n - 1]
