"""Pipelines become tables: split, typed, hashed, fitted once and resumable."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np
import pytest
import torch

from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.runtime.data import (
    SPLITS,
    Data,
    Pipeline,
    Split,
    Table,
    batches,
    fitted_state,
    smoke,
)
from ebmdsl.std.datasets.digits import Digits
from ebmdsl.std.datasets.letters import Letters
from ebmdsl.std.datasets.photographs import Photographs
from ebmdsl.std.datasets.spiral import Spiral
from ebmdsl.std.datasets.tracks import Tracks
from ebmdsl.std.transforms.binarize import Binarize
from ebmdsl.std.transforms.crop import Crop
from ebmdsl.std.transforms.dequantize import Dequantize
from ebmdsl.std.transforms.flip import Flip
from ebmdsl.std.transforms.noise import Noise
from ebmdsl.std.transforms.pairs import Pairs
from ebmdsl.std.transforms.patches import Patches
from ebmdsl.std.transforms.standardize import Standardize
from ebmdsl.std.transforms.view import View
from ebmdsl.std.transforms.whiten import Whiten

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Arrays

PHOTOS = Pipeline(Photographs(side=64), (Patches(8, count=600), Whiten(0.4)))
PIPELINES = [
    Pipeline(Digits()),
    Pipeline(Digits(), (Standardize(),)),
    Pipeline(Digits(), (Binarize(),)),
    Pipeline(Spiral(n=100)),
    PHOTOS,
    Pipeline(Digits(), (View(2, (Crop(), Flip())),)),
    Pipeline(Digits(), (Pairs(same="label"), Standardize())),
    Pipeline(Tracks(length=5, n=40)),
]
TEXT = Pipeline(Letters("python", length=20))
typed = pytest.mark.parametrize("pipeline", [*PIPELINES, TEXT], ids=lambda one: one.text)
each = pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda one: one.text)


@final
class Counter(Dataset):
    """A source that tells its rows apart and counts how often it is read."""

    __slots__ = ("reads",)
    word = "counter"
    __dataclass_fields__: ClassVar[dict[str, object]] = {}

    def __init__(self) -> None:
        self.reads = 0

    def fields(self) -> tuple[Field, ...]:
        return (Field("row", (1,), main=True),)

    def load(self, split: str, seed: int) -> Arrays:
        self.reads += 1
        return {"row": np.arange(50.0 if split == "train" else 10.0)[:, None]}


@typed
@pytest.mark.parametrize("split", SPLITS)
def test_tables_match_the_declared_fields(pipeline: Pipeline, split: Split) -> None:
    table = Data(pipeline).load(split)
    for field in pipeline.fields():
        assert table[field.name].shape == (len(table), *field.shape)
        counted = field.domain == "token"
        assert table[field.name].dtype == (torch.int64 if counted else torch.float32)
    assert table.samples is table[next(f.name for f in pipeline.fields() if f.main)]


@each
def test_splits_are_disjoint(pipeline: Pipeline) -> None:
    if pipeline.transforms and isinstance(pipeline.transforms[0], Binarize):
        pipeline = Pipeline(Digits())
    rows = [{row.numpy().tobytes() for row in Data(pipeline).load(s).samples} for s in SPLITS]
    assert not rows[0] & rows[2]
    assert not rows[1] & rows[2]
    assert len(rows[0] & rows[1]) <= 1  # two random patches may coincide


def test_validation_is_the_last_tenth_of_the_training_part() -> None:
    data = Data(Pipeline(Counter()))
    assert data.load("train")["row"].ravel().tolist() == list(range(45))
    assert data.load("validation")["row"].ravel().tolist() == list(range(45, 50))
    assert len(data.load("test")) == 10


def test_a_source_is_read_once_per_part() -> None:
    source = Counter()
    data = Data(Pipeline(source, (Standardize(),)))
    for _ in range(3):
        for split in SPLITS:
            data.load(split)
    assert source.reads == 2


def test_transforms_learn_from_the_training_split_alone() -> None:
    data = Data(Pipeline(Counter(), (Standardize(),)))
    assert float(data.state["0.standardize.mean"].item()) == np.arange(45).mean()
    assert data.load("train").samples.mean().item() == pytest.approx(0, abs=1e-6)


def test_fields_that_a_transform_does_not_touch_stay_aligned() -> None:
    plain, scaled = (Data(Pipeline(Digits(), steps)) for steps in ((), (Standardize(),)))
    assert torch.equal(plain.load("test")["label"], scaled.load("test")["label"])


@each
def test_the_hash_is_of_the_content(pipeline: Pipeline) -> None:
    assert Data(pipeline).digest == Data(pipeline).digest
    assert Data(pipeline).digest != Data(pipeline, precision=64).digest


def test_the_hash_sees_options_and_seed() -> None:
    pipelines = [
        Pipeline(Spiral(n=50)),
        Pipeline(Spiral(n=50), seed=1),
        Pipeline(Spiral(n=50, noise=0.02)),
        Pipeline(Spiral(n=50), (Standardize(),)),
    ]
    assert len({Data(one).digest for one in pipelines}) == len(pipelines)


def test_the_hash_is_the_same_in_another_process() -> None:
    code = (
        "from ebmdsl.runtime.data import Data, Pipeline\n"
        "from ebmdsl.std.datasets.spiral import Spiral\n"
        "print(Data(Pipeline(Spiral(n=64))).digest)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == Data(Pipeline(Spiral(n=64))).digest


def test_a_fitted_state_is_saved_and_used_again(tmp_path: Path) -> None:
    first = Data(PHOTOS)
    first.save(tmp_path)
    state = fitted_state(tmp_path)
    second = Data(PHOTOS, state=state)
    for split in SPLITS:
        assert torch.equal(first.load(split).samples, second.load(split).samples)
    shifted = Data(PHOTOS, state={**state, "1.whiten.mean": state["1.whiten.mean"] + 1})
    assert not torch.equal(first.load("test").samples, shifted.load("test").samples)


RANDOM = [
    Pipeline(Digits(), (Noise(0.1),)),
    Pipeline(Digits(), (Binarize(), View(2, (Crop(), Flip())))),
    Pipeline(Digits(), (Dequantize(1 / 16), Standardize())),
    Pipeline(Digits(), (Pairs(same="label"),)),
]
redrawn = pytest.mark.parametrize("pipeline", RANDOM, ids=lambda one: one.text)


@redrawn
def test_random_steps_are_drawn_anew_in_each_epoch_of_training(pipeline: Pipeline) -> None:
    assert pipeline.redrawn
    tables = [Data(pipeline).load("train", epoch=epoch).digest() for epoch in (0, 1, 2, 1)]
    assert tables[1] == tables[3]
    assert len(set(tables)) == 3
    other = Data(replace(pipeline, seed=1)).load("train", epoch=1)
    assert other.digest() != tables[1]


@redrawn
def test_held_out_samples_are_drawn_once(pipeline: Pipeline) -> None:
    data = Data(pipeline)
    held: tuple[Split, ...] = ("validation", "test")
    for split in held:
        assert data.load(split).digest() == data.load(split, epoch=3).digest()


@redrawn
def test_a_later_epoch_has_the_same_samples_behind_it(pipeline: Pipeline) -> None:
    data = Data(pipeline)
    first, later = (data.load("train", epoch=epoch) for epoch in (0, 4))
    assert len(first) == len(later)
    assert torch.equal(first["label"], later["label"])


@redrawn
def test_a_later_epoch_does_not_need_an_earlier_one(pipeline: Pipeline, tmp_path: Path) -> None:
    whole = Data(pipeline)
    whole.load("train")
    whole.save(tmp_path)
    resumed = Data(pipeline, state=fitted_state(tmp_path))
    assert resumed.load("train", epoch=2).digest() == whole.load("train", epoch=2).digest()


def test_without_chance_every_epoch_is_the_same() -> None:
    data = Data(PHOTOS)
    assert not PHOTOS.redrawn
    assert data.load("train", epoch=5) is data.load("train")


def test_what_is_held_out_is_nobodys_partner() -> None:
    plain, paired = (Data(Pipeline(Digits(), steps)) for steps in ((), (Pairs(nearest=3),)))
    for split in SPLITS:
        own = {row.numpy().tobytes() for row in plain.load(split).samples}
        assert {row.numpy().tobytes() for row in paired.load(split)["b"]} <= own


def test_steps_among_options_are_written_as_calls() -> None:
    pipeline = Pipeline(Digits(), (View(2, (Flip(), Noise(0.5))),))
    assert pipeline.text.endswith(
        "view(count = 2, steps = [flip(p = 0.5), noise(scale = 0.5)])"
    )


def test_double_precision_is_the_same_data() -> None:
    single, double = (Data(PHOTOS, precision=p).load("test").samples for p in (32, 64))
    assert double.dtype == torch.float64
    assert torch.equal(double.float(), single)


def test_the_pipeline_is_written_as_a_user_would() -> None:
    assert PHOTOS.text == (
        "photographs(side = 64) |> patches(size = 8, count = 600) |> whiten(cutoff = 0.4)"
    )


def test_a_pipeline_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"`whiten\(cutoff = 0.4\)` does not apply"):
        Pipeline(Spiral(), (Whiten(0.4),)).fields()


def test_every_row_is_in_one_batch_of_an_epoch() -> None:
    found = list(batches(10, 4, seed=0, epoch=0))
    assert [len(batch) for batch in found] == [4, 4, 2]
    assert torch.equal(torch.cat(found).sort().values, torch.arange(10))


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    orders = [
        torch.cat(list(batches(100, 7, seed=seed, epoch=epoch)))
        for seed, epoch in ((0, 0), (0, 1), (1, 0), (0, 0))
    ]
    same = [torch.equal(orders[0], order) for order in orders]
    assert same == [True, False, False, True]


DOMAINS = [
    Field("x", (3,), main=True),
    Field("x", (3,), low=0.0, high=1.0, main=True),
    Field("x", (3,), domain="nonneg", low=0.0, main=True),
    Field("x", (3,), domain="positive", low=0.0, main=True),
    Field("x", (3,), domain="binary", low=0.0, high=1.0, main=True),
    Field("x", (3,), domain="spin", low=-1.0, high=1.0, main=True),
    Field("x", (5,), domain="onehot", low=0.0, high=1.0, main=True),
    Field("x", (5,), domain="simplex", low=0.0, high=1.0, main=True),
    Field("x", (5,), domain="sphere", low=-1.0, high=1.0, main=True),
    Field("x", (), domain="token", low=0.0, high=26.0, main=True),
]


@pytest.mark.parametrize("field", DOMAINS, ids=lambda one: one.domain)
def test_generated_samples_match_the_declared_field(field: Field) -> None:
    table = smoke((field,), count=64, seed=0)
    x = table.samples
    assert x.shape == (64, *field.shape)
    assert x.double().std() > 0
    assert field.low <= x.min().item()
    assert x.max().item() <= field.high
    assert torch.equal(x, smoke((field,), count=64, seed=0).samples)
    assert follows(field, x)


def follows(field: Field, x: torch.Tensor) -> bool:
    """Tell whether samples obey what the domain says."""
    rows = x.double().numpy()
    match field.domain:
        case "binary" | "spin":
            return np.unique(rows).tolist() == [field.low, 1.0]
        case "onehot":
            return bool((np.sort(rows, axis=1) == [0, 0, 0, 0, 1]).all())
        case "simplex":
            return np.allclose(rows.sum(1), 1)
        case "sphere":
            return np.allclose(np.linalg.norm(rows, axis=1), 1)
        case "token":
            return not x.is_floating_point()
        case _:
            return x.is_floating_point()


@typed
def test_smoke_tables_look_like_the_real_ones(pipeline: Pipeline) -> None:
    fake, real = smoke(pipeline.fields()), Data(pipeline).load("test")
    assert fake.main == real.main
    assert len(fake) == 64
    for name, x in real.columns.items():
        assert fake[name].shape[1:] == x.shape[1:]
        assert fake[name].dtype == x.dtype


def test_rows_keep_the_columns_together() -> None:
    table = Table({"a": torch.arange(5), "b": torch.arange(5) * 2}, "a")
    some = table.rows(torch.tensor([4, 1]))
    assert some["a"].tolist() == [4, 1]
    assert some["b"].tolist() == [8, 2]
    assert len(some) == 2
