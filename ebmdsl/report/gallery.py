"""All pictures of a run: what the file asks for, and what its shapes make worth seeing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import isqrt
from typing import TYPE_CHECKING, final

import numpy as np
import torch
from torch import Tensor

from ebmdsl.lower.seed import stream
from ebmdsl.report.asked import asked
from ebmdsl.report.curves import learning_curve, read_curves
from ebmdsl.report.filters import as_pictures, filter_grid
from ebmdsl.report.histogram import energy_histogram, separation
from ebmdsl.report.orientation import tuning
from ebmdsl.report.reconstructions import lively, reconstruction_triplets
from ebmdsl.report.surface import around, energy_surface, evaluate, low_threshold
from ebmdsl.report.tuning import tuning_picture

if TYPE_CHECKING:
    from pathlib import Path

    from numpy import float64
    from numpy.typing import NDArray

    from ebmdsl.check.model import Block, Declared, Model
    from ebmdsl.lower.module import EnergyModule

    Values = Mapping[str, Tensor]

DRAWN = frozenset({"surface", "orientation", "tile", "scatter"})
SMALLEST = 4
ORIENTABLE = 8
COLUMNS = 10
SHOWN = 1000
TOLERANCE = 1e-3


@final
@dataclass(frozen=True, slots=True)
class Picture:
    """One file of a report, and the numbers that it shows."""

    path: Path
    numbers: Mapping[str, float] = field(default_factory=dict[str, float])


@final
@dataclass(frozen=True, slots=True)
class Exhibit:
    """What there is to show: a trained module, some samples by variable, the run's log."""

    module: EnergyModule
    samples: Values
    metrics: Path
    folder: Path
    seed: int = 0

    @property
    def model(self) -> Model:
        """The program."""
        return self.module.plan.model

    @property
    def observed(self) -> Declared | None:
        """The observed variable, where there is exactly one and it has no plates."""
        found = self.model.with_role("observed")
        return found[0] if len(found) == 1 and not found[0].plates else None

    def some(self, index: slice | Tensor) -> dict[str, Tensor]:
        """Take some of the samples."""
        return {name: x[index] for name, x in self.samples.items()}

    def energies(self, points: Values) -> NDArray[float64]:
        """Return F at samples, [n]."""
        with torch.no_grad():
            return _numbers(self.module.solve(points, tol=TOLERANCE).value)


def gallery(exhibit: Exhibit) -> list[Picture]:
    """Draw every picture that suits the model; later ones of the same name replace earlier."""
    with torch.no_grad():
        own = [Picture(path) for path in asked(exhibit)]
        return [*_curve(exhibit), *_filters(exhibit), *_of_samples(exhibit), *own]


def undrawn(model: Model) -> tuple[str, ...]:
    """Name the pictures that a file asks for and that nobody can draw yet."""
    return tuple(plot.word for plot in model.plots if plot.word not in DRAWN)


def _curve(exhibit: Exhibit) -> Iterator[Picture]:
    if any(len(curve.steps) > 1 for curve in read_curves(exhibit.metrics)):
        path = exhibit.folder / "learning-curve.png"
        yield Picture(
            learning_curve(exhibit.metrics, path, title=f"{exhibit.model.name}: energy")
        )


def _of_samples(exhibit: Exhibit) -> Iterator[Picture]:
    y = exhibit.observed
    if y is None or set(exhibit.samples) != {y.name}:
        return
    if y.shape == (2,):
        yield _surface(exhibit, y)
    if y.quantity.domain.name == "real":
        yield from _histogram(exhibit, y)
    for block in exhibit.model.blocks:
        if block.role == "decoder" and block.node.shape == y.shape and _side(y.shape):
            yield _reconstructions(exhibit, y, block=block)


def _filters(exhibit: Exhibit) -> Iterator[Picture]:
    """Draw every matrix whose columns can be seen as square pictures."""
    for declared in exhibit.model.with_role("param"):
        if len(declared.shape) == 2 and declared.shape[1] > 1 and _side(declared.shape[:1]):
            weights = _numbers(exhibit.module.get_parameter(declared.name))
            yield from _dictionary(exhibit, declared.name, weights=weights)


def _dictionary(exhibit: Exhibit, name: str, *, weights: NDArray[float64]) -> Iterator[Picture]:
    pictures = as_pictures(weights)
    found = tuning(pictures)
    sharp = pictures.shape[1] > ORIENTABLE
    path = filter_grid(
        weights,
        exhibit.folder / f"filters-{name}.png",
        title=f"{exhibit.model.name}: the columns of {name}",
        scores=found.anisotropy if sharp else None,
        ranking="most oriented first",
    )
    yield Picture(path)
    if sharp:
        numbers = {
            "oriented filters": found.share,
            "orientations": float((found.counts > 0).sum()),
        }
        yield Picture(
            tuning_picture(found, exhibit.folder / f"orientation-{name}.png"), numbers
        )


def _surface(exhibit: Exhibit, y: Declared) -> Picture:
    samples = _numbers(exhibit.samples[y.name])
    like = exhibit.samples[y.name]
    energy = partial(_energy, exhibit=exhibit, name=y.name, like=like)
    drawn = energy_surface(
        evaluate(energy, around(samples)),
        exhibit.folder / "surface.png",
        samples=samples,
        threshold=low_threshold(energy(samples)),
        prototypes=_prototypes(exhibit, y),
    )
    return Picture(drawn.picture, {"low-energy share of the box": drawn.low_share})


def _energy(
    points: NDArray[float64], *, exhibit: Exhibit, name: str, like: Tensor
) -> NDArray[float64]:
    return exhibit.energies({name: torch.from_numpy(points).to(like)})


def _prototypes(exhibit: Exhibit, y: Declared) -> NDArray[float64] | None:
    for declared in exhibit.model.with_role("param"):
        if len(declared.shape) == 2 and declared.shape[0] == y.shape[0]:
            return _numbers(exhibit.module.get_parameter(declared.name)).T
    return None


def _histogram(exhibit: Exhibit, y: Declared) -> Iterator[Picture]:
    """Compare samples with the same entries shuffled between samples; numbers only."""
    data = exhibit.some(slice(SHOWN))
    shuffled = {**data, y.name: _shuffled(data[y.name], exhibit.seed)}
    low, high = exhibit.energies(data), exhibit.energies(shuffled)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        return
    path = energy_histogram(
        low,
        high,
        path=exhibit.folder / "energies.png",
        contrast="shuffled entries",
        title=f"{exhibit.model.name}: energies of test data",
    )
    yield Picture(path, {"data below shuffled": separation(low, high)})


def _shuffled(x: Tensor, seed: int) -> Tensor:
    flat = x.reshape(len(x), -1)
    keys = torch.rand(flat.shape, generator=stream(seed, "shuffled entries"))
    return flat.gather(0, keys.argsort(0).to(x.device)).reshape(x.shape)


def _reconstructions(exhibit: Exhibit, y: Declared, *, block: Block) -> Picture:
    side = _side(y.shape)
    samples = _numbers(exhibit.samples[y.name]).reshape(-1, side, side)
    chosen = torch.from_numpy(lively(samples, count=COLUMNS))
    values = exhibit.some(chosen)
    found = exhibit.module.solve(values)
    answers = exhibit.module.evaluate(block.node, {**values, **found.assignment})
    path = reconstruction_triplets(
        samples[chosen.numpy()],
        _numbers(answers).reshape(-1, side, side),
        path=exhibit.folder / f"reconstructions-{block.name}.png",
        title=f"{exhibit.model.name}: {block.name} on test data",
    )
    return Picture(path)


def _side(shape: tuple[int, ...]) -> int:
    """Return the side of a square picture of this shape; 0 where it is none."""
    match shape:
        case (n,) if isqrt(n) ** 2 == n and isqrt(n) >= SMALLEST:
            return isqrt(n)
        case (1, height, width) | (height, width) if height == width >= SMALLEST:
            return height
        case _:
            return 0


def _numbers(x: Tensor) -> NDArray[float64]:
    return x.detach().cpu().double().numpy().astype(np.float64, copy=False)
