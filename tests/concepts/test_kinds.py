"""Kinds: each has its folder of words, and none can be used without being finished."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

import ebmdsl
from ebmdsl.concepts import kinds, marginals
from ebmdsl.concepts.base import Concept, find, words

STD = Path(ebmdsl.__file__).parent / "std"
KINDS = [
    one
    for one in {**vars(kinds), **vars(marginals)}.values()
    if inspect.isclass(one) and issubclass(one, Concept) and one is not Concept
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_kind_is_abstract_and_names_its_folder(kind: type[Concept]) -> None:
    assert inspect.isabstract(kind)
    assert kind.folder
    with pytest.raises(TypeError, match="abstract"):
        kind()


def test_every_folder_of_words_belongs_to_one_kind() -> None:
    folders = [kind.folder for kind in KINDS]
    assert len(folders) == len(set(folders))
    ours = {path.name for path in STD.iterdir() if path.is_dir() and path.name[0] != "_"}
    assert ours <= set(folders)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_word_is_of_its_kind(kind: type[Concept]) -> None:
    found = [find(kind, word) for word in words(kind)]
    assert all(one is not None and issubclass(one, kind) for one in found)
