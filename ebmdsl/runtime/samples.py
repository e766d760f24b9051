"""Samples as the model sees them: one tensor per variable, drawn and read batch by batch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, final

import torch
from torch import Tensor

from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Law
from ebmdsl.expr.node import Node
from ebmdsl.lower.outside import fields_in
from ebmdsl.lower.seed import stream
from ebmdsl.runtime.brought import Answers, transforms_of
from ebmdsl.runtime.config import SMOKE_SAMPLES
from ebmdsl.runtime.data import (
    SPLITS,
    Data,
    Pipeline,
    Precision,
    Split,
    Table,
    fitted_state,
    smoke,
)
from ebmdsl.runtime.errors import RunError

if TYPE_CHECKING:
    from ebmdsl.check.model import Data as DeclaredData
    from ebmdsl.check.model import Declared, Model, Settings
    from ebmdsl.lower.module import EnergyModule
    from ebmdsl.runtime.trained import Trained

    Models = Mapping[str, Trained]

DTYPES = {32: torch.float32, 64: torch.float64}
Values = Mapping[str, Tensor]


@final
@dataclass(frozen=True, slots=True)
class Samples:
    """A split: `variables` by name and data `fields` as `data.field`, [n, ...] each.

    What used models find at samples is `asked` when the samples are.
    """

    variables: Values
    fields: Values
    count: int
    asked: Answers | None = None

    def rows(self, index: Tensor | slice) -> dict[str, Tensor]:
        """Return the variables of some samples, and what used models make of these samples."""
        found = {name: x[index] for name, x in self.variables.items()}
        if self.asked is None:
            return found
        rows = torch.arange(self.count)[index] if isinstance(index, slice) else index
        return found | self.asked.rows(found, rows)

    def chunk(self, index: slice) -> Samples:
        """Return some samples with their fields."""
        fields = {name: x[index] for name, x in self.fields.items()}
        count = len(range(self.count)[index])
        rows = {name: x[index] for name, x in self.variables.items()}
        asked = None if self.asked is None else self.asked.anew(count)
        return Samples(rows, fields, count, asked=asked)


@final
class Sources:
    """The data sets of a model, loaded when asked for, or made up for a smoke run.

    With a `folder` of an earlier run the transforms are what they were there. What `models`
    have learned is asked for where steps of the data, or the samples, need it.
    """

    def __init__(
        self,
        model: Model,
        settings: Settings,
        *,
        smoke: bool,
        folder: Path | None = None,
        models: Models | None = None,
    ) -> None:
        self.model, self.settings, self.smoke = model, settings, smoke
        self.models: Models = models or {}
        self.module: EnergyModule | None = None
        self.data = {each.name: self._pipeline(each, folder) for each in model.data}

    @property
    def redrawn(self) -> bool:
        """Whether the training split is another one in each epoch."""
        return not self.smoke and any(data.pipeline.redrawn for data in self.data.values())

    def samples(self, split: Split, *, epoch: int = 0) -> Samples:
        """Return a split as the model sees it; random variables are those of step 0."""
        tables = {name: self._table(name, split, epoch=epoch) for name in self.data}
        fields = {
            f"{n}.{f}": x for n, table in tables.items() for f, x in table.columns.items()
        }
        given = {
            each.name: self._variable(each, fields)
            for each in self.model.with_role("given", "observed")
        }
        for name in (each.data.name for each in fields_in(self.model)):
            if name in fields:
                given[name] = self._typed(fields[name])
        count = _common(self.model, given, fields=fields)
        asked = Answers(self.model, self.models, count=count) if self.models else None
        noise = self.noise(count, step=0, values=given)
        return Samples({**given, **noise}, fields, count, asked=asked)

    @property
    def computes_laws(self) -> bool:
        """Whether something is drawn by a law whose options a module must compute."""
        return any(_is_computed(each) for each in self.model.with_role("random"))

    def noise(
        self, count: int, *, step: int, values: Values | None = None
    ) -> dict[str, Tensor]:
        """Draw the random variables of one step for a whole batch, whose `values` are known.

        A law with options that a module must compute gives zeros until there is a `module`.
        """
        found: dict[str, Tensor] = {}
        for each in self.model.with_role("random"):
            known = {**(values or {}), **found}
            found[each.name] = self._draw(each, count, step=step, values=known)
        return found

    def digests(self) -> dict[str, str]:
        """Hash every data set: what is declared and what came out of it."""
        if self.smoke:
            return {name: _digest(self._table(name, "train")) for name in self.data}
        return {name: data.digest for name, data in self.data.items()}

    def save(self, folder: Path) -> None:
        """Write what the transforms learned, to be found again by a later command."""
        if self.smoke:
            return
        for name, data in self.data.items():
            (folder / name).mkdir(parents=True, exist_ok=True)
            data.save(folder / name)

    def _pipeline(self, declared: DeclaredData, folder: Path | None) -> Data:
        """Return a data set; one of a used model is what it was there."""
        alias = declared.name.partition(".")[0]
        owner = self.models[alias].settings if alias in self.models else self.settings
        steps = transforms_of(declared, self.model, models=self.models)
        return Data(
            Pipeline(declared.dataset, steps, owner.seed),
            precision=cast("Precision", self.settings.precision),
            state=None
            if folder is None or self.smoke
            else fitted_state(folder / declared.name),
        )

    def _table(self, name: str, split: Split, *, epoch: int = 0) -> Table:
        if not self.smoke:
            return _loaded(self.data[name], split, epoch=epoch)
        fields = self.data[name].pipeline.fields()
        seed = 3 * self.settings.seed + SPLITS.index(split)
        made = smoke(fields, count=max(SMOKE_SAMPLES, self.settings.batch), seed=seed)
        kind = DTYPES[self.settings.precision]
        columns = {
            n: x.to(kind) if x.is_floating_point() else x for n, x in made.columns.items()
        }
        return Table(columns, made.main)

    def _variable(self, declared: Declared, fields: Values) -> Tensor:
        if declared.source is None:
            where = f"line {declared.span.line}"
            reason = f"`{declared.name}` has no data ({where})"
            raise RunError(f"{reason}; write `{declared.role} {declared.name} : … from DATA`")
        x = fields[".".join(declared.source)]
        counted = declared.quantity.domain.name == "token"
        return x if counted else x.to(DTYPES[self.settings.precision])

    def _drawn(
        self,
        declared: Declared,
        shape: tuple[int, ...],
        *,
        values: Values,
        rng: torch.Generator,
    ) -> Tensor:
        """Draw by a law whose options are computed from parameters, statistics or samples."""
        assert declared.law is not None
        kind = DTYPES[self.settings.precision]
        if self.module is None:
            return torch.zeros(shape, dtype=kind)
        options = [
            _beside(each, self.module.evaluate(each, values), declared=declared)
            for each in declared.law.options
        ]
        law = cast("Any", find(Law, declared.law.word))(*options)
        return law.draw(shape, rng).to(kind)

    def _typed(self, x: Tensor) -> Tensor:
        return x.to(DTYPES[self.settings.precision]) if x.is_floating_point() else x

    @torch.no_grad()
    def _draw(self, declared: Declared, count: int, *, step: int, values: Values) -> Tensor:
        rng = stream(self.settings.seed, f"random {declared.name}", step=step)
        shape = (count, *(plate.size for plate in declared.plates), *declared.shape)
        if _is_computed(declared):
            return self._drawn(declared, shape, values=values, rng=rng)
        law = declared.law.options[0] if declared.law is not None else None
        drawn = (
            law.draw(shape, rng) if isinstance(law, Law) else _even(declared, shape, rng=rng)
        )
        return drawn.to(DTYPES[self.settings.precision])


def _is_computed(declared: Declared) -> bool:
    options = declared.law.options if declared.law is not None else ()
    return any(isinstance(each, Node) for each in options)


def _beside(node: Node, x: Tensor, *, declared: Declared) -> Tensor:
    """Give the option of a law the axes of what is drawn: samples, plates, entries."""
    held = {plate.index for plate in node.plates}
    plates = [plate.size if plate.index in held else 1 for plate in declared.plates]
    entries = list(node.shape) or [1] * len(declared.shape)
    return x.reshape([len(x) if node.per_sample else 1, *plates, *entries])


def _even(declared: Declared, shape: tuple[int, ...], *, rng: torch.Generator) -> Tensor:
    """Draw one of the few values that a domain has, all alike: nothing else was said."""
    match declared.quantity.domain.name:
        case "binary":
            return torch.randint(2, shape, generator=rng)
        case "spin":
            return 2 * torch.randint(2, shape, generator=rng) - 1
        case "onehot":
            chosen = torch.randint(shape[-1], shape[:-1], generator=rng)
            return torch.nn.functional.one_hot(chosen, shape[-1])
        case domain:
            reason = f"`{declared.name}` is {domain} and has no law to be drawn by"
            raise RunError(f"{reason}; write `random {declared.name} : … ~ normal`")


def _loaded(data: Data, split: Split, *, epoch: int) -> Table:
    try:
        return data.load(split, epoch=epoch)
    except ImportError as error:
        word = data.pipeline.dataset.word
        raise RunError(f"data `{word}` needs the package `{error.name}`: install it") from None
    except OSError as error:
        word = data.pipeline.dataset.word
        raise RunError(f"data `{word}` cannot be read: {error}") from None


def _common(model: Model, given: Values, *, fields: Values) -> int:
    """Return the number of samples, which is the same for all variables of a model."""
    counts = {name: len(x) for name, x in (given or fields).items()}
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"`{name}` {count}" for name, count in counts.items())
        raise RunError(f"the variables have different numbers of samples: {listed}")
    if not counts:
        raise RunError(f"`{model.name}` has no data to train on")
    return next(iter(counts.values()))


def _digest(table: Table) -> str:
    return hashlib.sha256(f"smoke {table.digest()}".encode()).hexdigest()
