"""What broken statements take with them, so that nothing is reported that follows from them."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation, diagnose
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.lost import Lost, together
from ebmdsl.syntax.parse import parse


def lost(text: str) -> Lost:
    file, found = parse(Source("m", text))
    assert not found.ok
    assert file is not None
    assert file.lost is not None
    return file.lost


def said(found: Diagnostics) -> list[tuple[str, int, int]]:
    return [(each.id, each.span.line, each.span.column) for each in found.all]


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("latent z : real[2 with", {"z"}),
        ("observd y : real[4]", {"observd", "y"}),
        ("yhat = W @ z", {"yhat"}),
        ("latent z, w : real", {"z", "w"}),
        ("func f(u, v = u", {"f"}),
        ("cost e[t in 1..T = sq(y)", {"e"}),
        ('use "o.ebm" as dict )', {"dict"}),
        ('use "o.ebm as dict', {"o", "ebm", "as", "dict"}),
        ("train b by", set[str]()),
        ("expect a < b < c", set[str]()),
        ("let a§ = 1", {"a"}),
        ("param W : real[1e999]", {"W"}),
        (f"let a = {' + '.join('b' * 200)}", {"a"}),
    ],
)
def test_a_broken_statement_may_have_declared_these(statement: str, names: set[str]) -> None:
    found = lost(f"model m\nlet first = 1\n{statement}\nlet last = 2\n")
    assert (found.names, found.is_open) == (names, False)


@pytest.mark.parametrize(
    ("header", "names", "is_open"),
    [
        ("model m(= 20)", {"m"}, True),
        ("model m(k 3, lam = 1)", {"m", "k", "lam"}, False),
        ("model m(k = 1e999)", {"m", "k"}, False),
        ('model m( extends "other.ebm"', {"m"}, True),
        ("", set[str](), True),
    ],
)
def test_a_broken_header_may_have_declared_these(
    header: str, names: set[str], is_open: bool
) -> None:
    found = lost(f"{header}\nlet last = 2\n")
    assert (found.names, found.is_open) == (names, is_open)


@pytest.mark.parametrize(
    ("statement", "is_open"),
    [
        ("report = 1", True),
        ('use "other.ebm"', True),
        ("param : real", True),
        ("cost = 1", False),
        ("param data : real", False),
        ("infer by minimize", False),
    ],
)
def test_where_a_name_is_missing_it_may_be_any(statement: str, *, is_open: bool) -> None:
    assert lost(f"model m\n{statement}\nlet last = 2\n").is_open == is_open


def test_what_follows_a_broken_stage_may_belong_into_it() -> None:
    for text in (
        "model m\nlet a = 1\nstage { \nlet b = 1 }\nlet c = 2\n",
        "model m\nlet a = 1\nstage s {\nlet b = 1\nlet c = 2\n",
    ):
        file, _ = parse(Source("m", text))
        assert file is not None
        assert [each.name.text for each in file.statements if isinstance(each, ast.Node)] == [
            "a"
        ]
        assert lost(text).names >= {"b", "c"}


def test_nothing_is_lost_of_a_good_program_nor_of_a_statement_that_stays() -> None:
    for text in ("model m\nlet a = 1\n", "model m\nnet f = linear(bias = none, 8)\n"):
        file, _ = parse(Source("m", text))
        assert file is not None
        assert file.lost is None


def test_losses_add_up() -> None:
    one, other = Lost(frozenset({"a"})), Lost(frozenset({"b"}), is_open=True)
    assert together(one, None) == together(None, one) == one
    assert together(one, other) == Lost(frozenset({"a", "b"}), is_open=True)


HEAD = "model many(k = 2)\nobserved x : real[k]\nobserved long : real[3]\ncost fine = sq(x)\n"
INDEPENDENT = [
    ("cost b = sq(x)) / 2", ("unopened-bracket", 15)),
    ("cost c = sq(nobody)", ("unknown-name", 13)),
    ("observd z : real[2]", ("unknown-keyword", 1)),
    ("cost d = sq(x - long)", ("shape-mismatch", 13)),
    ("cost e = sq(x) ÷ 2", ("unknown-character", 16)),
    ("run { epochs = 2.5 }", ("bad-setting", 16)),
    ("let data = x", ("reserved-word", 5)),
]


@pytest.mark.parametrize("count", [2, 3, 5, 7])
@pytest.mark.parametrize("backward", [False, True])
def test_mistakes_of_all_phases_are_told_at_once(count: int, *, backward: bool) -> None:
    chosen = INDEPENDENT[:count][:: -1 if backward else 1]
    wanted = [(id, 5 + number, at) for number, (_, (id, at)) in enumerate(chosen)]
    assert said(diagnose(HEAD + "\n".join(line for line, _ in chosen) + "\n")) == wanted


@pytest.mark.parametrize(
    "program",
    [
        "model m\nobserved y : real[2\ncost e = sq(y - y)\n",
        "model m\nobserved y : real[2]\ncost e = sq(y)) / 2\n",
        "model m\nobserved y : real[2]\nlatent z : real[2]\ncost e = sq(y - z)\ninfer z bye\n",
        "model m\nobserved y : real[2]\nfunc l1(u) = sq(u\ncost e = l1(y, y, y)\n",
        "model m\nobserved y : real[2]\nobserved data : real[2]\ncost e = sq(y - data)\n",
        'model m\nuse "o.ebm"\nobserved y : real from dict.a\ncost e = dict(y).z\n',
        "model m\nobserved : real[2]\ncost e = sq(y)\n",
        "model m(k = )\nobserved y : real[k]\ncost e = sq(y)\n",
        "observed y : real[k]\ncost e = lam * sq(y)\n",
        "model m\nobserved y : real\nnet f = linear(2\ncost e = sq(f(y))\ntrain f by energy\n",
        "model m\nobserved y : real[1e999]\ncost e = sq(y)\n",
        "model m\nobserved y : real\ncost e = sq(y)\nstage s { latent z : real )\nlet f = z }",
        "model m\nobserved y real[2] from d\ndata d = digits()\ncost e = sq(y)\nexpect e < 1\n",
    ],
)
def test_no_consequence_is_told(program: str) -> None:
    assert len(diagnose(program).all) == 1


def test_hyper_parameters_of_a_broken_header_may_be_set() -> None:
    text = "model m(k = 1, lam = )\nobserved y : real[k]\ncost e = sq(y)\n"
    assert [each[0] for each in said(diagnose(text, k="3"))] == ["unexpected"]


def test_what_a_broken_parent_declares_is_not_missed_and_what_is_wrong_here_is_told() -> None:
    child = 'model c extends "p.ebm"\ncost e = sq(y - w)\ncost f = sq(y - nobody)\n'
    parent = "model p\nobserved y : real[2]\nparam w : real[2\n"
    for text, wanted in ((parent, ["unknown-name"]), (None, [])):
        compilation = Compilation(Source("c.ebm", child), read=lambda _, __, t=text: _read(t))
        assert compilation.whole is None
        assert compilation.plan is None
        found = [
            each.id for each in compilation.diagnostics.all if each.span.source.name[0] == "c"
        ]
        assert found == [*([] if text else ["cannot-extend"]), *wanted]


def _read(text: str | None) -> Source:
    if text is None:
        raise OSError
    return Source("p.ebm", text)
