"""The phase as a whole: hyper-parameters, all mistakes at once, and no consequences."""

from __future__ import annotations

import pytest

from tests.check.programs import checked, messages, said

TYPED = """model typed(k = 3, lam: float = 1, word = "a")
observed y : real[k]
cost e = lam * sq(y)
"""


def test_hyper_parameters_have_the_type_of_their_default() -> None:
    model = checked(TYPED)
    assert [(h.name, h.type, h.value) for h in model.hypers] == [
        ("k", "int", 3),
        ("lam", "float", 1.0),
        ("word", "str", "a"),
    ]


def test_overrides_are_read_as_the_type_says() -> None:
    model = checked(TYPED, k="5", lam="2")
    assert [h.value for h in model.hypers] == [5, 2.0, "a"]
    assert model.declared[0].shape == (5,)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"k": "2.5"}, "`k` is a whole number, not `2.5`"),
        ({"k": "many"}, "`k` is a whole number, not `many`"),
        ({"lam": "much"}, "`lam` is a number, not `much`"),
        ({"kk": "3"}, "unknown hyper-parameter `kk` | did you mean `k`?"),
    ],
)
def test_overrides_that_do_not_fit_are_mistakes(
    overrides: dict[str, str], message: str
) -> None:
    (told,) = messages(TYPED, **overrides)
    assert message in told


INDEPENDENT = [
    ("observed a : float[2]", ("unknown-domain", 14)),
    ("cost b = sq(nobody)", ("unknown-name", 13)),
    ("cost c = x", ("term-not-scalar", 10)),
    ("cost d = sq(x - long)", ("shape-mismatch", 13)),
    ("run { epochs = 2.5 }", ("bad-setting", 16)),
]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_so_many_mistakes_give_so_many_messages_in_their_order(count: int) -> None:
    head = "model many\nobserved x : real[2]\nobserved long : real[3]\ncost fine = sq(x)\n"
    lines = [line for line, _ in INDEPENDENT[:count]]
    wanted = [(key, 5 + i, at) for i, (_, (key, at)) in enumerate(INDEPENDENT[:count])]
    assert said(head + "\n".join(lines) + "\n") == wanted


def test_what_follows_from_a_mistake_is_not_said() -> None:
    program = """model quiet
observed y : real[nothing]
latent z : real[2]
let r = y - z
cost e = sq(r) + sq(y)
infer z by minimize from r
report size = mean(sq(r))
"""
    assert said(program) == [("unknown-name", 2, 19)]


def test_an_energy_is_needed_and_every_latent_is_inferred() -> None:
    assert said("model none\nobserved y : real\n") == [("no-energy", 1, 7)]
    lonely = "model lonely\nlatent z : real[2]\ncost e = sq(z)\n"
    assert said(lonely) == [("latent-not-inferred", 2, 8)]
