"""The mistakes of expansion explain themselves by programs that do what they say."""

from __future__ import annotations

import re
from inspect import getdoc

import pytest

from ebmdsl.check.check import check
from ebmdsl.compilation import Compilation
from ebmdsl.expand.expand import expand
from ebmdsl.expand.mistakes import CannotExtend, UnsuitableStrategy
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse


@pytest.mark.parametrize(("number", "ids"), [(0, ["unsuitable-strategy"]), (1, [])])
def test_the_first_program_fails_and_the_second_works(number: int, ids: list[str]) -> None:
    program = re.findall(r"```ebm\n(.*?)```", getdoc(UnsuitableStrategy) or "", re.DOTALL)[
        number
    ]
    file, _ = parse(Source("page", program))
    assert file is not None
    found = Diagnostics()
    model = check(file, found)
    assert model is not None
    expand(model, found)
    assert [each.id for each in found.errors] == ids


@pytest.mark.parametrize(("number", "ids"), [(0, ["cannot-extend"]), (1, [])])
def test_the_page_of_what_cannot_be_extended_is_true(number: int, ids: list[str]) -> None:
    pages = re.findall(r"```ebm\n(.*?)```", getdoc(CannotExtend) or "", re.DOTALL)
    compilation = Compilation(Source("page", pages[number]))
    assert (compilation.plan is None) == bool(ids)
    assert [each.id for each in compilation.diagnostics.errors] == ids
