"""Where a `train` says what it moves and how."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.plan.written import method_of, named, statement_of, statements
from ebmdsl.source.text import Source

HEAD = """model m
observed y : real[4]
param a : real[4]
param b : real[4]
cost c = sq(y - a - b)
{train}
"""


@pytest.mark.parametrize(
    ("train", "method", "names"),
    [
        ("train by energy", "energy", []),
        ("train a by energy with sgd(0.1)", "energy", ["a"]),
        ("train a, b by minimize(F)", "minimize(F)", ["a", "b"]),
    ],
)
def test_what_was_written_is_found_after_expansion(
    train: str, method: str, names: list[str]
) -> None:
    compilation = Compilation(Source("program.ebm", HEAD.format(train=train)))
    assert compilation.model is not None
    assert compilation.expanded is not None
    for model in (compilation.model, compilation.expanded):
        (player,) = model.trains
        assert statement_of(model, player) is not None
        assert method_of(model, player).text == method
        assert {name: span.text for name, span in named(model, player).items()} == {
            name: name for name in names
        }


def test_statements_of_stages_stand_in_their_places() -> None:
    stages = "stage one { train a by energy }\nstage two { train b by energy }"
    compilation = Compilation(Source("program.ebm", HEAD.format(train=stages)))
    assert compilation.model is not None
    words = [type(each).__name__ for each in statements(compilation.model.file)]
    assert words[-2:] == ["Train", "Train"]
