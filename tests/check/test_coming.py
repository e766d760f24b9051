"""Words that are coming are not there yet, and a program that uses one is told so."""

from __future__ import annotations

import pytest

from ebmdsl.check.coming import COMING
from ebmdsl.compilation import Compilation
from ebmdsl.concepts.base import words
from ebmdsl.concepts.kinds import Dataset, Function, Layer, Sampler, Transform
from ebmdsl.source.text import Source

KINDS = (Dataset, Transform, Function, Layer, Sampler)


@pytest.mark.parametrize("word", sorted(COMING))
def test_a_word_that_is_there_is_taken_off_the_list(word: str) -> None:
    assert not any(word in words(kind) for kind in KINDS)


def test_a_coming_word_is_not_called_unknown() -> None:
    text = "model early\ndata clips = videos()\nobserved y : real[2]\ncost e = sq(y)\n"
    compilation = Compilation(Source("early.ebm", text))
    assert compilation.model is None
    (found,) = compilation.diagnostics.errors
    assert found.id == "not-supported-yet"
    assert "`videos`" in found.message
    assert (found.span.line, found.span.column) == (2, 14)
