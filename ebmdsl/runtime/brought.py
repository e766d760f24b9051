"""Used models at work: what they give to a module, and what they find at its samples."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np
import torch

from ebmdsl.check.sources import SAMPLE
from ebmdsl.concepts.kinds import Field, Transform
from ebmdsl.expr.node import quantities
from ebmdsl.expr.points import FOUND
from ebmdsl.lower.constants import shared
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.outside import answerable, asked_by, asked_in
from ebmdsl.runtime.checkpoint import load_state, save_state
from ebmdsl.runtime.errors import RunError
from ebmdsl.std.fields import main_field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.random import Generator
    from torch import Tensor

    from ebmdsl.check.model import Data, Model, Used
    from ebmdsl.concepts.kinds import Arrays
    from ebmdsl.expr.node import Node, Plate
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.runtime.trained import Trained

    Values = Mapping[str, Tensor]
    Models = Mapping[str, Trained]

FOLDER = "used"
CHUNK = 1024
BULKY = shutil.ignore_patterns("report", "metrics.jsonl", "plan.json")


@torch.no_grad()
def supply(module: EnergyModule, models: Models) -> None:
    """Give a module the constants of its used models, and somebody to ask about samples."""
    for used in module.plan.model.used:
        for name, value in constants(used, models[used.name]).items():
            module.constants[name].copy_(value)
    if models:
        module.outside = lambda node, values: found_at(node, values, models=models)


@torch.no_grad()
def constants(used: Used, model: Trained) -> dict[str, Tensor]:
    """Return all that a used model gives without a sample, as `dict.W`."""
    weights, parts = model.module.weights, (*used.model.blocks, *used.model.terms)
    nodes = {each.name: each.node for each in parts}
    found = {
        name: weights[name] if name in weights else model.module.evaluate(nodes[name], {})
        for name, _ in shared(used)
    }
    return {f"{used.name}.{name}": x.detach() for name, x in found.items()}


def copied(model: Trained, target: Path) -> None:
    """Copy a used run to the run that uses it, without what only training needs."""
    shutil.copytree(model.run.path, target, ignore=BULKY)
    checkpoint = load_state(target / "state")
    save_state(target / "state", replace(checkpoint, optimizers={}))


@torch.no_grad()
def found_at(node: Node, values: Values, *, models: Models) -> Tensor:
    """Return what a used model gives at samples, `dict(y).z`: [n, *plates, *event]."""
    inner, *written = node.args
    alias, _, part = str(inner.data.name).partition(".")
    plates = list(dict.fromkeys(plate for each in written for plate in each.plates))
    rows = max(len(x) for x in values.values())
    lead = [rows, *(plate.size for plate in plates)]
    given = {
        name.removeprefix(f"{alias}."): _folded(each, values, lead=lead, plates=plates)
        for name, each in zip(node.data, written, strict=True)
    }
    found = _part(models[alias], part, given=given)
    found = found.reshape([*lead, *found.shape[1:]])
    own = [*plates, *inner.plates]
    axes = [1 + own.index(plate) for plate in node.plates]
    return found.permute(0, *axes, *range(1 + len(axes), found.dim()))


def _folded(node: Node, values: Values, *, lead: list[int], plates: list[Plate]) -> Tensor:
    """Return what a used model is told, [samples and plates, *event]."""
    x, held = evaluate(node, values), {plate.index for plate in node.plates}
    sizes = [plate.size if plate.index in held else 1 for plate in plates]
    wide = x.reshape([len(x) if node.per_sample else 1, *sizes, *node.shape])
    return wide.expand([*lead, *node.shape]).reshape([-1, *node.shape])


def _part(model: Trained, name: str, *, given: Values) -> Tensor:
    """Return a latent, a node, a term, E or F of a trained model at given values."""
    declared = model.plan.model
    missing = [each.name for each in declared.with_role("given", "observed")]
    missing = [each for each in missing if each not in given]
    if missing:
        names = ", ".join(f"`{each}`" for each in missing)
        raise RunError(f"`{declared.name}` is asked for `{name}`, but not told {names}")
    kind, count = model.module.like.dtype, len(next(iter(given.values())))
    told = {n: x.to(kind) if x.is_floating_point() else x for n, x in given.items()}
    flat = {**model.sources.noise(count, step=0, values=told), **told}
    nodes = {each.name: each.node for each in (*declared.blocks, *declared.terms)}
    if name in nodes and not any(each.role in FOUND for each in quantities(nodes[name])):
        return model.module.evaluate(nodes[name], flat)
    result = model.module.solve(flat)
    if name in ("E", "F"):
        return result.value
    if name in result.assignment:
        return result.assignment[name]
    return model.module.evaluate(nodes[name], {**flat, **result.assignment})


@final
class Answers:
    """What used models find at the samples of a split, kept where it is asked for again."""

    def __init__(self, model: Model, models: Models, *, count: int) -> None:
        self._model, self._models, self._count = model, models, count
        self._nodes = [each for each in asked_in(model) if answerable(each)]
        self._kept: dict[str, Tensor] = {}
        self._known = torch.zeros(count, dtype=torch.bool)

    def rows(self, values: Values, rows: Tensor) -> dict[str, Tensor]:
        """Return the answers for some samples, by the key of each expression."""
        new = ~self._known[rows]
        if self._nodes and bool(new.any()):
            fresh = {name: x[new] for name, x in values.items()}
            for node in self._nodes:
                answer = found_at(node, fresh, models=self._models)
                shape = [self._count, *answer.shape[1:]]
                kept = self._kept.setdefault(node.key, answer.new_zeros(shape))
                kept[rows[new]] = answer
            self._known[rows] = True
        return {node.key: self._kept[node.key][rows] for node in self._nodes}

    def anew(self, count: int) -> Answers:
        """Return the answers for other samples, of which nothing is known yet."""
        return Answers(self._model, self._models, count=count)


@final
@dataclass(frozen=True, slots=True)
class Computed(Transform):
    """A step of data that is computed from the main field, such as `dict.zhat`."""

    word: ClassVar[str] = "computed"
    text: str
    shape: tuple[int, ...]
    value: Callable[[Tensor], Tensor] = field(repr=False, compare=False)

    def fields(self, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        """Return the fields with another main one."""
        main = main_field(fields)
        after = Field(main.name, self.shape, main=True)
        return tuple(after if each is main else each for each in fields)

    def apply(self, arrays: Arrays, state: Arrays, *, rng: Generator) -> Arrays:
        """Compute the main field of every sample, a chunk at a time."""
        del state, rng
        ((name, x),) = arrays.items()
        chunks = torch.from_numpy(np.ascontiguousarray(x)).split(CHUNK)
        return {name: torch.cat([self.value(chunk) for chunk in chunks]).numpy()}


def transforms_of(data: Data, model: Model, *, models: Models) -> tuple[Transform, ...]:
    """Return the steps of a data set, with those between them that are computed."""
    found: list[Transform] = []
    steps = list(data.through)
    for number in range(len(data.transforms) + 1):
        while steps and steps[0].after == number:
            step = steps.pop(0)
            value = _through(step.node, model, models=models)
            found.append(Computed(step.text, step.node.shape, value))
        found += data.transforms[number : number + 1]
    return tuple(found)


def _through(node: Node, model: Model, *, models: Models) -> Callable[[Tensor], Tensor]:
    """Return an expression of the main field as a function of samples."""
    held: dict[str, Tensor] = {}
    for used in model.used:
        held |= constants(used, models[used.name])

    @torch.no_grad()
    def value(x: Tensor) -> Tensor:
        kind = next((w.dtype for w in held.values()), torch.get_default_dtype())
        values = {SAMPLE: x.to(kind) if x.is_floating_point() else x}
        answers = {
            each.key: found_at(each, values, models=models) for each in asked_by((node,))
        }
        return evaluate(node, {**held, **values, **answers})

    return value
