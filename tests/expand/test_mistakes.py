"""The mistakes of expansion explain themselves by programs that do what they say."""

from __future__ import annotations

import re
from inspect import getdoc

import pytest

from ebmdsl.check.check import check
from ebmdsl.expand.expand import expand
from ebmdsl.expand.mistakes import UnsuitableStrategy
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
