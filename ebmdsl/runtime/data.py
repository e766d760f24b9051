"""From a declared pipeline to tables of tensors: loaded, fitted, split and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, assert_never, cast, final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import numpy as safetensors
from torch import Tensor

from ebmdsl.concepts.kinds import Transform
from ebmdsl.concepts.shape import Misfit
from ebmdsl.lower.seed import numpy_stream, stream
from ebmdsl.std.fields import UNCUT, main_field

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays, Dataset, Field

Split = Literal["train", "validation", "test"]
Part = Literal["train", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
VALIDATION = 0.1
STATE_FILE = "transforms.safetensors"

Precision = Literal[32, 64]
_TYPES: dict[Precision, torch.dtype] = {32: torch.float32, 64: torch.float64}


@final
@dataclass(frozen=True, slots=True)
class Table:
    """Named tensors with one row per sample: [n, *shape] each."""

    columns: Mapping[str, Tensor]
    main: str

    def __len__(self) -> int:
        return len(self.columns[self.main])

    def __getitem__(self, name: str) -> Tensor:
        return self.columns[name]

    @property
    def samples(self) -> Tensor:
        """The main field, which `from data` means."""
        return self.columns[self.main]

    def rows(self, index: Tensor | slice) -> Table:
        """Take some of the samples, in the order of `index`."""
        return Table({name: x[index] for name, x in self.columns.items()}, self.main)

    def digest(self) -> str:
        """Return the sha256 of names, types, shapes and values."""
        return _digest({name: x.numpy() for name, x in self.columns.items()})


@final
@dataclass(frozen=True, slots=True)
class Pipeline:
    """A source and the steps after it, exactly as declared in the file."""

    dataset: Dataset
    transforms: tuple[Transform, ...] = ()
    seed: int = 0

    @property
    def text(self) -> str:
        """The pipeline as a user would write it, with every option filled in."""
        return " |> ".join(_call(step) for step in (self.dataset, *self.transforms))

    def fields(self) -> tuple[Field, ...]:
        """Declare the fields at the end of the pipeline; nothing is loaded."""
        return self.stages()[-1]

    @property
    def first_redrawn(self) -> int:
        """The number of the first step that each epoch of training draws anew."""
        numbers = (number for number, step in enumerate(self.transforms) if step.redrawn)
        return next(numbers, len(self.transforms))

    @property
    def redrawn(self) -> bool:
        """Whether each epoch of training draws something anew."""
        return self.first_redrawn < len(self.transforms)

    def stages(self) -> tuple[tuple[Field, ...], ...]:
        """Declare the fields after the source and after each step."""
        found = [self.dataset.fields()]
        for step in self.transforms:
            after = step.fields(found[-1])
            if isinstance(after, Misfit):
                raise ValueError(f"`{_call(step)}` does not apply: {after.reason}")
            found.append(after)
        return tuple(found)


@final
class Data:
    """The tables of a pipeline: fitted on the training split once, split by split on demand.

    With a `state` (of an earlier run) nothing is fitted again. Random steps are drawn for
    epoch 0, and anew for the training split of any other epoch that is asked for.
    """

    def __init__(
        self, pipeline: Pipeline, *, precision: Precision = 32, state: Arrays | None = None
    ) -> None:
        self.pipeline = pipeline
        self.precision: Precision = precision
        self._state: dict[str, NDArray[Any]] | None = None if state is None else dict(state)

    def load(self, split: Split, *, epoch: int = 0) -> Table:
        """Return one split; validation is the last tenth of the training part."""
        match split:
            case "train" if epoch and self.pipeline.redrawn:
                part = self._later(epoch)
                return part.rows(slice(_kept(len(part))))
            case "train":
                return self._held_in
            case "validation":
                return self._held_out
            case "test":
                return self._test
            case _:
                assert_never(split)

    @property
    def state(self) -> Arrays:
        """What the transforms remember of the training split."""
        if self._state is None:
            self._state, _ = _fitted(self.pipeline)
        return self._state

    @cached_property
    def digest(self) -> str:
        """The sha256 of the declared pipeline and of the tensors of every split."""
        parts = [f"{self.pipeline.text} seed {self.pipeline.seed}"]
        parts += [self.load(split).digest() for split in SPLITS]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def save(self, folder: Path) -> Path:
        """Write the fitted state into a folder, to be found again by `fitted_state`."""
        path = folder / STATE_FILE
        state = {name: np.asarray(x, order="C") for name, x in self.state.items()}
        safetensors.save_file(state, path, metadata={"pipeline": self.pipeline.text})
        return path

    @cached_property
    def _part(self) -> Table:
        return _table(self.pipeline, self._arrays("train"), precision=self.precision)

    @cached_property
    def _held_in(self) -> Table:
        return self._part.rows(slice(_kept(len(self._part))))

    @cached_property
    def _held_out(self) -> Table:
        return self._part.rows(slice(_kept(len(self._part)), None))

    @cached_property
    def _test(self) -> Table:
        return _table(self.pipeline, self._arrays("test"), precision=self.precision)

    @cached_property
    def _fixed(self) -> Arrays:
        """The training part before the first random step, kept for the epochs to come."""
        return _applied(
            Walk(self.pipeline), self.state, steps=slice(self.pipeline.first_redrawn)
        )

    def _later(self, epoch: int) -> Table:
        steps = slice(self.pipeline.first_redrawn, None)
        walk = Walk(self.pipeline, epoch=epoch)
        arrays = _applied(walk, self.state, steps=steps, arrays=self._fixed)
        return _table(self.pipeline, arrays, precision=self.precision)

    def _arrays(self, part: Part) -> Arrays:
        if part == "train" and self._state is None:
            self._state, arrays = _fitted(self.pipeline)
            return arrays
        return _applied(Walk(self.pipeline, part), self.state)


def fitted_state(folder: Path) -> Arrays:
    """Read back what `Data.save` wrote into a run directory."""
    return safetensors.load_file(folder / STATE_FILE)


def batches(count: int, size: int, *, seed: int, epoch: int) -> Iterator[Tensor]:
    """Yield the row numbers of each batch of an epoch; the last one may be smaller.

    The order is a function of seed and epoch alone, so resuming needs nothing else.
    """
    order = torch.randperm(count, generator=stream(seed, "batch order", step=epoch))
    yield from order.split(size)


def smoke(declared: tuple[Field, ...], *, count: int = 64, seed: int = 0) -> Table:
    """Generate samples that match declared fields, where real data is not wanted."""
    columns = {field.name: _generated(field, count=count, seed=seed) for field in declared}
    return Table(columns, main_field(declared).name)


@final
@dataclass(frozen=True, slots=True)
class Walk:
    """One way through a pipeline: of which part of the source, and for which epoch."""

    pipeline: Pipeline
    part: Part = "train"
    epoch: int = 0

    def step(self, number: int, arrays: Arrays, *, state: Arrays) -> Arrays:
        """Apply one step; the declared fields say what else is kept."""
        step = self.pipeline.transforms[number]
        before, after = self.pipeline.stages()[number : number + 2]
        purpose = f"{step.word} {self.part}"
        if step.redrawn and self.epoch:
            purpose = f"{purpose} epoch {self.epoch}"
        rng = numpy_stream(self.pipeline.seed, purpose, step=number)
        given = _given(step, arrays, declared=before)
        moved = _joined([step.apply(each, state, rng=rng) for each in self._apart(step, given)])
        return {field.name: {**arrays, **moved}[field.name] for field in after}

    def _apart(self, step: Transform, arrays: Arrays) -> list[Arrays]:
        """Keep samples to learn from and held-out ones apart where a step could mix them."""
        kept = _kept(len(next(iter(arrays.values()))))
        parts = (slice(kept), slice(kept, None)) if step.whole and self.part == "train" else ()
        return [{name: x[part] for name, x in arrays.items()} for part in parts] or [arrays]


def _joined(parts: list[Arrays]) -> Arrays:
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _given(step: Transform, arrays: Arrays, *, declared: tuple[Field, ...]) -> Arrays:
    """Return what a step is handed: the main field, or all fields with the main one first."""
    main = main_field(declared).name
    return {main: arrays[main], **arrays} if step.whole else {main: arrays[main]}


def _fitted(pipeline: Pipeline) -> tuple[dict[str, NDArray[Any]], Arrays]:
    """Run the training part through the pipeline, fitting each step before it is applied."""
    state: dict[str, NDArray[Any]] = {}
    walk = Walk(pipeline)
    arrays = pipeline.dataset.load("train", pipeline.seed)
    for number, step in enumerate(pipeline.transforms):
        before = pipeline.stages()[number]
        given = _given(step, arrays, declared=before)
        learned = step.fit({name: _training_rows(x, before) for name, x in given.items()})
        state |= {f"{number}.{step.word}.{key}": np.asarray(x) for key, x in learned.items()}
        arrays = walk.step(number, arrays, state=learned)
    return state, arrays


def _applied(
    walk: Walk, state: Arrays, *, steps: slice = slice(None), arrays: Arrays | None = None
) -> Arrays:
    """Run a part through some of the steps, from the source or from `arrays` on."""
    pipeline = walk.pipeline
    found = pipeline.dataset.load(walk.part, pipeline.seed) if arrays is None else arrays
    for number, step in list(enumerate(pipeline.transforms))[steps]:
        prefix = f"{number}.{step.word}."
        own = {
            key.removeprefix(prefix): x for key, x in state.items() if key.startswith(prefix)
        }
        found = walk.step(number, found, state=own)
    return found


def _training_rows(x: NDArray[Any], declared: tuple[Field, ...]) -> NDArray[Any]:
    uncut = main_field(declared).domain in UNCUT
    return x if uncut else x[: _kept(len(x))]


def _kept(count: int) -> int:
    return count - round(VALIDATION * count)


def _table(pipeline: Pipeline, arrays: Arrays, *, precision: Precision) -> Table:
    kind = _TYPES[precision]
    columns = {name: torch.from_numpy(np.asarray(x, order="C")) for name, x in arrays.items()}
    real = {name: x.to(kind) if x.is_floating_point() else x for name, x in columns.items()}
    return Table(real, main_field(pipeline.fields()).name)


def _digest(arrays: Mapping[str, NDArray[Any]]) -> str:
    seen = hashlib.sha256()
    for name in sorted(arrays):
        x = np.asarray(arrays[name], order="C")
        seen.update(f"{name} {x.dtype.str} {x.shape}".encode())
        seen.update(x.data)
    return seen.hexdigest()


def _call(step: Dataset | Transform) -> str:
    options = (
        f"{field.name} = {_written(getattr(step, field.name))}"
        for field in fields(cast("Any", step))
        if field.repr
    )
    return f"{step.word}({', '.join(options)})"


def _written(value: Any) -> str:
    """Write an option; steps among options are calls again."""
    match value:
        case Transform():
            return _call(value)
        case tuple():
            items = cast("tuple[Any, ...]", value)
            return f"[{', '.join(_written(item) for item in items)}]"
        case _:
            return repr(value)


def _generated(field: Field, *, count: int, seed: int) -> Tensor:
    rng = stream(seed, f"smoke {field.name}")
    shape = (count, *field.shape)
    normal = torch.randn(shape, generator=rng)
    match field.domain:
        case "nonneg" | "positive":
            return normal.abs() + (field.domain == "positive")
        case "binary":
            return (normal > 0).float()
        case "spin":
            return normal.sign()
        case "onehot":
            return torch.nn.functional.one_hot(normal.argmax(-1), field.shape[-1]).float()
        case "simplex":
            return normal.softmax(-1)
        case "sphere":
            return torch.nn.functional.normalize(normal, dim=-1)
        case "token":
            return torch.randint(int(field.high) + 1, shape, generator=rng)
        case _:
            return _within(field, normal)


def _within(field: Field, normal: Tensor) -> Tensor:
    """Squeeze normal numbers between the declared bounds, where there are two."""
    if np.isfinite(field.low) and np.isfinite(field.high):
        return field.low + (field.high - field.low) * torch.sigmoid(normal)
    return normal.clamp(field.low, field.high)
