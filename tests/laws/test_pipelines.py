"""Data as it is written: every source and step in the real syntax, and every example."""

from __future__ import annotations

import re
from inspect import getdoc

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.concepts.base import Concept, find, words
from ebmdsl.concepts.kinds import Dataset, Transform
from ebmdsl.source.text import Source
from tests.laws import published

WRITTEN = {
    "bumps": "bumps(length = 4, size = 12)",
    "cifar10": "cifar10(n = 1000)",
    "digits": "digits()",
    "faces": "faces() |> classes(0..0)",
    "fashion_mnist": "fashion_mnist(n = 1000)",
    "file": f'file("{published.VALUES}", domain = real)',
    "futures": "futures(noise = 0.1)",
    "gaussian": "gaussian(d = 3, rho = 0.5)",
    "ising": "ising(side = 4)",
    "letters": 'letters("brown", length = 32)',
    "mnist": "mnist()",
    "moons": "moons(noise = 0.1)",
    "photographs": "photographs() |> patches(8)",
    "ring": "ring(modes = 6)",
    "roots": "roots()",
    "spiral": "spiral(n = 100)",
    "tracks": "tracks(length = 20, noise = 0.2)",
    "videos": "videos() |> windows(frames = 3, size = 16)",
    "abs": "digits() |> standardize |> abs",
    "binarize": "digits() |> binarize(0.5)",
    "classes": "digits() |> classes(0..7)",
    "crop": "digits() |> crop(0.5, 1)",
    "crops": "photographs() |> crops(32)",
    "dequantize": "digits() |> dequantize(1 / 16)",
    "flip": "digits() |> flip",
    "groups": "digits() |> groups(16)",
    "halves": "digits() |> halves",
    "jigsaw": "digits() |> jigsaw(2)",
    "jitter": "digits() |> jitter(0.4)",
    "lcn": "photographs() |> lcn(3) |> patches(8)",
    "lowrank": "digits() |> lowrank(5)",
    "noise": "digits() |> noise(0.1)",
    "none": "digits() |> view(2, [none, flip])",
    "pad": "digits() |> pad(2)",
    "paint": "digits() |> paint(bar, p = 50%)",
    "pairs": "digits() |> pairs(same = label)",
    "patches": "photographs() |> patches(12)",
    "pca": "digits() |> pca(16)",
    "pca_whiten": "digits() |> pca_whiten(16)",
    "remove_mean": "digits() |> remove_mean",
    "reshape": "digits() |> reshape(1, 8, 8)",
    "rotations": "digits() |> rotations(frames = 3, step = 20)",
    "shrink": "digits() |> shrink(2)",
    "standardize": "digits() |> standardize",
    "translations": "photographs() |> translations(frames = 4, size = 16)",
    "triplets": "digits() |> triplets",
    "unit_std": "digits() |> unit_std",
    "view": "digits() |> view(2, [crop(0.6, 1), flip, jitter(0.4)])",
    "whiten": "photographs() |> patches(12) |> whiten(cutoff = 0.4)",
    "windows": "videos() |> windows(frames = 2, size = 16, gap = 2)",
    "zca": "cifar10() |> zca",
}
KINDS: tuple[type[Concept], ...] = (Dataset, Transform)
CALL = re.compile(r"`((?:[a-z0-9_]+\(.*?\)|[a-z0-9_]+)(?: \|> .+?)?)`", re.DOTALL)


def said(pipeline: str) -> list[str]:
    """Return what the compiler says of a pipeline."""
    text = f"model m\ndata d = {pipeline}\nparam w : real\ncost c = sq(w)\ntrain by energy\n"
    compilation = Compilation(Source("m.ebm", text))
    assert compilation.model is None or compilation.model.data
    return [
        each.message for each in compilation.diagnostics.all if each.id != "unused-declaration"
    ]


def examples() -> list[str]:
    """Return the calls of sources and steps that stand in the docstrings of both."""
    found: list[str] = []
    for kind in KINDS:
        for word in words(kind):
            text = re.sub(r"\s+", " ", getdoc(find(kind, word)) or "")
            found += [call for call in CALL.findall(text) if "(" in call]
    return [call for call in found if call.partition("(")[0] in WRITTEN]


def whole(call: str) -> str:
    """Put a source before a step that stands alone."""
    word = call.partition("(")[0]
    if word in words(Dataset):
        return call
    source, _, _ = WRITTEN[word].partition(" |> ")
    return f"{source} |> {call}"


def test_every_word_is_written_once() -> None:
    assert set(WRITTEN) == {word for kind in KINDS for word in words(kind)}


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize("word", WRITTEN)
def test_every_word_is_understood(word: str) -> None:
    assert said(WRITTEN[word]) == []


def test_docstrings_have_examples() -> None:
    assert len(set(examples())) >= 5


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize("call", sorted(set(examples())))
def test_examples_of_docstrings_are_understood(call: str) -> None:
    assert said(whole(call)) == []


REFUSED = {
    "digits() |> view(2, [crop(0.6, 1), flop])": "flop",
    "digits() |> view(2, 3)": "a transform is a word or a call",
    "digits() |> classes(3)": "a range",
    "digits() |> view(2, [whiten])": "random steps",
    "digits() |> classes(8..12)": "classes 0..9",
    "digits() |> pairs": "either",
    "digits() |> pairs(same = kind)": "no one-hot field `kind`",
    'letters("klingon", length = 3)': "not klingon",
    'letters("brown", length = 0)': "at least 1 letter",
    'letters("brown", length = 8) |> standardize': "not numbers",
    'file("nowhere.npy")': "neither here nor in the data folder",
    "videos() |> patches(8)": "from pictures",
    "photographs() |> windows": "from moving pictures",
    "digits() |> paint(star)": "not star",
    "digits() |> reshape(3, 3)": "does not fill",
}


@pytest.mark.usefixtures("data_folder")
@pytest.mark.parametrize("pipeline", REFUSED)
def test_what_makes_no_sense_is_refused_where_it_stands(pipeline: str) -> None:
    (message,) = said(pipeline)
    assert REFUSED[pipeline] in message
