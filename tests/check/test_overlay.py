"""One program over another: what takes whose place, and what goes."""

from __future__ import annotations

import pytest

from ebmdsl.check.overlay import overlaid
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse

BASE = """observed y : real
latent z : real
latent w : real
cost a = sq(y - z - w)
cost b = sq(z)
infer z, w by minimize
train by energy
run { epochs = 2, batch = 3 }
report r = mean(F)
expect mean(F) < 1
"""


def lines(inherited: str, own: str) -> list[str]:
    read = [parse(Source("s", f"model m\n{text}"))[0] for text in (inherited, own)]
    one, other = (file.statements if file is not None else () for file in read)
    return [each.span.text for each in overlaid(one, other)]


@pytest.mark.parametrize(
    ("own", "place"),
    [("cost a = sq(y)", 3), ("report r = mean(E)", 8), ("let b = z", 4)],
)
def test_a_name_takes_the_place_of_the_same_name(own: str, place: int) -> None:
    whole = lines(BASE, own + "\n")
    assert whole[place] == own
    assert len(whole) == 10


def test_what_is_new_comes_last_and_conditions_add() -> None:
    assert lines(BASE, "expect mean(F) > 0\n")[-2:] == [
        "expect mean(F) < 1",
        "expect mean(F) > 0",
    ]


def test_an_elimination_replaces_those_of_its_names() -> None:
    whole = lines(BASE, "infer w by sample\n")
    assert "infer w by sample" in whole
    assert len(whole) == 11  # `z` is still minimized, alone
    assert "infer z, w by sample" in lines(BASE, "infer z, w by sample\n")
    assert len(lines(BASE, "infer z by sample\ninfer w by sample\n")) == 11


@pytest.mark.parametrize("own", ["train by energy", "stage s { train by energy }"])
def test_training_drops_all_inherited_training(own: str) -> None:
    whole = lines(BASE.replace("train by energy", "train by max_likelihood"), own + "\n")
    assert own in whole
    assert not any("max_likelihood" in each for each in whole)


def test_a_train_drops_inherited_stages() -> None:
    assert lines("stage s { train by energy }\n", "train by energy\n") == ["train by energy"]


def test_a_term_that_is_set_to_zero_is_gone_unless_it_is_asked_for() -> None:
    whole = lines(BASE, "cost b = 0\n")
    assert not any(each.startswith("cost b") for each in whole)
    assert "cost b = 0" in lines(BASE + "report s = mean(b)\n", "cost b = 0\n")
    assert "cost c = 0" in lines(BASE, "cost c = 0\n")
