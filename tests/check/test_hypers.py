"""Hyper-parameters: their types, their order, and what sets them."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.kinds import Schedule
from tests.check.programs import checked, messages, said

TYPED = """model typed(
  k = 3, lam: float = 1, word = "a", quick: bool = true, d = 2 * k, t = ramp(0, 1)
)
observed y : real[k]
cost e = lam * sq(y)
"""


def test_they_have_the_type_of_their_default_or_the_written_one() -> None:
    model = checked(TYPED)
    assert [(h.name, h.type, h.value) for h in model.hypers[:5]] == [
        ("k", "int", 3),
        ("lam", "float", 1.0),
        ("word", "str", "a"),
        ("quick", "bool", True),
        ("d", "int", 6),
    ]
    assert model.hypers[5].type == "schedule"
    assert isinstance(model.hypers[5].value, Schedule)


def test_what_is_set_is_read_as_the_type_says() -> None:
    model = checked(TYPED, k="5", lam="2", word="3", quick="false", t="decay(1, over = 3)")
    values = [h.value for h in model.hypers]
    assert values[:5] == [5, 2.0, "3", False, 10]
    assert model.declared[0].shape == (5,)
    assert checked(TYPED, k=7).hypers[0].value == 7


def test_any_number_may_become_a_schedule() -> None:
    assert checked(TYPED, lam="ramp(0, 0.5, over = 10%)").hypers[1].type == "schedule"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"k": "2.5"}, "`k` is a whole number, not `2.5` | as `k = 3`"),
        ({"k": "many"}, "`k` is a whole number, not `many`"),
        ({"k": "ramp(0, 1)"}, "`k` is a whole number, not `ramp(0, 1)`"),
        ({"lam": "much"}, "`lam` is a number, not `much`"),
        ({"lam": "(2"}, "`lam` is a number, not `(2`"),
        ({"quick": "3"}, "`quick` is true or false, not `3`"),
        ({"kk": "3"}, "unknown hyper-parameter `kk` | did you mean `k`?"),
    ],
)
def test_what_does_not_fit_is_a_mistake(overrides: dict[str, str], message: str) -> None:
    (told,) = messages(TYPED, **overrides)
    assert message in told


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ("k: int = 2.5", ("bad-setting", 1, 18)),
        ("k: intt = 2", ("unknown-name", 1, 12)),
        ("k = 2 * nobody", ("unknown-name", 1, 17)),
        ("k = d, d = 2", ("not-a-constant", 1, 13)),
        ("k = y", ("not-a-constant", 1, 13)),
        ("k = 2, k = 3", ("duplicate-name", 1, 16)),
        ("F = 2", ("reserved-name", 1, 9)),
        ("k = [1, 2]", ("bad-setting", 1, 13)),
    ],
)
def test_headers_that_do_not_fit_say_so_once(params: str, wanted: tuple[str, int, int]) -> None:
    body = f"model m({params})\nobserved y : real[4]\nlet twice = 2 * k\ncost e = sq(y)\n"
    assert said(body.replace("2 * k\n", "2\n") if "F" in params else body) == [wanted]


def test_a_number_of_the_header_is_shown_where_it_does_not_fit() -> None:
    head = 'model m(length = 3.5)\ndata d = letters("brown", length = length)\n'
    (told,) = messages(head + "param W : real\ncost e = W^2\n")
    assert "`length` is a whole number, not `3.5`" in told
