"""`use`: what is brought in, and what is said when it cannot be."""

from __future__ import annotations

from typing import Any

from ebmdsl.check.check import check
from ebmdsl.check.file_mistakes import CannotUse
from ebmdsl.check.model import Used
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.mistake import Mistake
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse
from tests.check.programs import checked, said

DICT = (
    "model coder(k = 8)\ndata digs = digits()\nobserved y : real[64] from digs\n"
    "latent z : real[k]\nparam W : real[64, k]\ncost e = sq(y - W @ z) + sq(z)\n"
    "infer z by minimize\n"
)


def with_dict(body: str) -> tuple[Any, list[tuple[str, int, int]], list[dict[str, Any]]]:
    asked: list[dict[str, Any]] = []

    def bring(use: ast.Use, settings: dict[str, Any]) -> Used | tuple[Mistake, ...]:
        asked.append(settings)
        if use.other.path.text != "dict.ebm":
            return (CannotUse(use.other.path.span, use.other.path.text, "gone"),)
        model = checked(DICT, **settings)
        return Used(use.name.text, "dict.ebm", tuple(settings.items()), model, use.name.span)

    file, _ = parse(Source("program.ebm", body))
    assert file is not None
    found = Diagnostics()
    model = check(file, found, bring=bring)
    return model, [(e.id, e.span.line, e.span.column) for e in found.all], asked


def test_a_model_is_brought_in_with_its_settings() -> None:
    model, said, asked = with_dict(
        'model m(n = 4)\nuse "dict.ebm"(k = 2 * n) as dict\n'
        "observed y : real[64] from dict.digs\nobserved c : onehot[10] from dict.digs.label\n"
        "cost e = sq(y - dict.W @ dict(y).z) + sum(c)\n"
    )
    assert said == []
    assert asked == [{"k": 8}]
    assert [each.name for each in model.used] == ["dict"]
    assert [each.name for each in model.data] == ["dict.digs"]
    assert [each.source for each in model.declared] == [
        ("dict.digs", "image"),
        ("dict.digs", "label"),
    ]


def test_data_may_go_through_a_used_model() -> None:
    model, said, _ = with_dict(
        'model m\nfunc twice(u) = 2 * u\nuse "dict.ebm" as dict\n'
        "data codes = dict.digs |> dict.z |> twice\n"
        "observed y : real[8] from codes\ncost e = sq(y)\n"
    )
    assert said == []
    (data,) = model.data
    assert [step.text for step in data.through] == ["dict.z", "twice"]


def test_what_cannot_be_brought_in_is_said_once() -> None:
    _, said, _ = with_dict(
        'model m\nuse "gone.ebm" as dict\nobserved y : real[64] from dict.digs\n'
        "cost e = sq(y - dict.W @ dict(y).z)\n"
    )
    assert said == [("cannot-use", 2, 5)]


def test_names_that_a_used_model_does_not_have() -> None:
    _, said, _ = with_dict(
        'model m\nuse "dict.ebm" as dict\nobserved y : real[64] from dict.photos\n'
        "observed x : real[64] from dict\nobserved v : real[64] from dict.digs.img\n"
        "cost e = 1\n"
    )
    assert said == [("unknown-name", 3, 33), ("wrong-role", 4, 28), ("unknown-name", 5, 38)]


def test_nothing_is_read_where_nobody_can() -> None:
    body = 'model m\nuse "dict.ebm"(k = 1, k = 2) as dict\ncost e = dict.W\n'
    assert said(body) == [("wrong-arguments", 2, 23)]
    assert said(body.replace(", k = 2", "")) == [("cannot-use", 2, 5)]
