"""Names of dimensions: kept by what keeps the entries in their places."""

from __future__ import annotations

import pytest

from ebmdsl.check.dimensions import described, dimensions
from ebmdsl.check.scope import Scope
from ebmdsl.source.diagnostic import Diagnostics
from tests.check.programs import checked

HEAD = """model m
observed x[t in 1..6] : real[c = 3, h = 4]
param m : real[3, 4]
net f = relu
cost e = sq(m)
"""


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ("x", ("t", "c", "h")),
        ("x[2]", ("c", "h")),
        ("x[2, 1]", ("h",)),
        ("x[2..3, 0..1]", ("t", "c", "h")),
        ("2 * x[1] + m", ("c", "h")),
        ("tanh(x)", ("t", "c", "h")),
        ("f(x[1])", ("c", "h")),
        ("m", ("", "")),
        ("x[1] @ m.T", ("", "")),
    ],
)
def test_names_are_kept(expr: str, names: tuple[str, ...]) -> None:
    model = checked(HEAD + f"let u = {expr}\n")
    scope = Scope(Diagnostics(), bound={each.name: each for each in model.declared})
    assert dimensions(scope, model.blocks[0].node) == names


def test_shapes_are_shown_as_they_were_declared() -> None:
    model = checked(HEAD)
    assert [described(each) for each in model.declared] == [
        "`x[t]` is [c = 3, h = 4]",
        "`m` is [3, 4]",
    ]
