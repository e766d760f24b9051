"""Every pair of a statement and a form of expression is written, read and laid out."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings

from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.format import format_file
from ebmdsl.syntax.parse import parse
from tests.properties.forms import EXPRESSIONS, KINDS, holding

SETTINGS = settings(
    max_examples=3,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def read(text: str) -> ast.File:
    file, found = parse(Source("m.ebm", text))
    assert file is not None
    assert found.ok, (text, show(found, format="short"))
    return file


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("form", EXPRESSIONS, ids=lambda form: form.__name__)
def test_a_statement_keeps_any_form_of_expression(
    kind: type[ast.Syntax], form: type[ast.Syntax]
) -> None:
    @SETTINGS
    @given(holding(kind, form))
    def survives(file: ast.File) -> None:
        reached = {type(each) for each in ast.walk(file)}
        assert {kind, form} <= reached
        text = format_file(file, Source("made", ""))
        assert read(text) == file
        assert format_file(read(text), Source("m.ebm", text)) == text

    survives()


def test_no_statement_and_no_form_is_left_out() -> None:
    assert set(KINDS) == set(get_args(ast.Statement))
    assert set(EXPRESSIONS) == set(get_args(ast.Expr))
