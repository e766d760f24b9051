"""What expressions use: names, and points where the energy is asked for."""

from __future__ import annotations

import pytest

from ebmdsl.graph.uses import Reader, Uses, joined
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

PROGRAM = """model m
given x : real[2]
observed y : real[2]
param c : real
func G(v) = -F(v) - c
func twice(a, b) = G(a) + G(b)
cost recon = sq(y - x)
"""


def uses(text: str) -> Uses:
    file, _ = parse(Source("m.ebm", f"{PROGRAM}let asked = {text}\n"))
    assert file is not None
    asked = file.statements[-1]
    assert isinstance(asked, ast.Node)
    return Reader.of(file.statements).uses(asked.expr)


@pytest.mark.parametrize(
    ("text", "names", "points"),
    [
        ("x + y + x", ("x", "y"), ()),
        ("a.T @ a", ("a",), ()),
        ("F(far)", ("F",), (("far", "y"),)),
        ("F(y = far, x = near)", ("F",), (("far", "y"), ("near", "x"))),
        ("recon(x = far)", ("recon",), (("far", "x"),)),
        ("G(far)", ("F", "c"), (("far", "y"),)),
        ("twice(far, G(near))", ("F", "c"), (("far", "y"), ("near", "y"))),
    ],
)
def test_functions_are_looked_through(
    text: str, names: tuple[str, ...], points: tuple[tuple[str, str], ...]
) -> None:
    found = uses(text)
    assert set(names) <= set(found.names)
    assert not {"far", "near"} & set(found.names)
    assert set(points) <= set(found.points)


def test_names_are_told_once_in_order() -> None:
    assert joined([Uses(("b", "a")), Uses(("a", "c"))]) == Uses(("b", "a", "c"))
    assert joined([]) == Uses()
