"""Text to tree: places, recovery, limits, and any bytes at all."""

from __future__ import annotations

import random
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.format import format_file
from ebmdsl.syntax.parse import MAX_BYTES, parse
from tests.house.tree import ROOT

PROGRAMS = sorted(
    [*(ROOT / "tests" / "programs").rglob("*.ebm"), *(ROOT / "models").rglob("*.ebm")]
)
SPARE = '§²(){}[],=:~^."|-> data model 1e999 \t\n\x00λ'


def tree(text: str) -> ast.File:
    file, found = parse(Source("m.ebm", text))
    assert file is not None
    assert found.ok, found.all
    return file


def ids(text: str) -> list[str]:
    return [each.id for each in parse(Source("m.ebm", text))[1].all]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_program_of_the_language_page_parses(path: Path) -> None:
    assert ids(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_spans_cover_exactly_what_they_name(path: Path) -> None:
    for each in ast.walk(tree(path.read_text("utf-8"))):
        match each:
            case ast.Name(text) | ast.Number(_, text) | ast.Percent(_, text):
                assert each.span.text == text
            case ast.String(text):
                assert each.span.text == f'"{text}"'
            case _:
                assert all(_inside(inner, each) for inner in ast.children(each))


def _inside(inner: ast.Syntax, outer: ast.Syntax) -> bool:
    return outer.span.start <= inner.span.start <= inner.span.end <= outer.span.end


def test_spans_count_characters() -> None:
    file = tree("model m\n# 模型 λ\nlet ŷ = λλ + 𝒻 # 😀\nlet b = ŷ\n")
    names = {(each.text, each.span.line, each.span.column) for each in _names(file)}
    assert {("ŷ", 3, 5), ("λλ", 3, 9), ("f", 3, 14), ("b", 4, 5), ("ŷ", 4, 9)} <= names


def _names(file: ast.File) -> list[ast.Name]:
    return [each for each in ast.walk(file) if isinstance(each, ast.Name)]


def test_operators_bind_as_the_page_says() -> None:
    for text, meant in {
        "-x^2": "-(x^2)",
        "-a * b": "(-a) * b",
        "a / b @ c * d": "((a / b) @ c) * d",
        "a - b - c": "(a - b) - c",
        "a^b^c": "a^(b^c)",
        "a^-b": "a^(-b)",
        "u -> u + 1 |> f": "u -> ((u + 1) |> f)",
        "a + b < c * d": "(a + b) < (c * d)",
        "a.T @ b": "(a.T) @ b",
        "f(x)[0].y": "((f(x))[0]).y",
    }.items():
        assert tree(f"model m\nlet a = {text}\n") == tree(f"model m\nlet a = {meant}\n"), text


def test_clauses_stand_in_any_order() -> None:
    one = tree("model m\nparam W : real with symmetric init 1 from d\n")
    assert one == tree("model m\nparam W : real from d init 1 with symmetric\n")


def test_keywords_are_names_of_arguments_and_fields() -> None:
    file = tree("model m\nlet a = f(data = 1, on = b.train).model\nexpect a on train\n")
    assert {"data", "on", "train", "model"} <= {each.text for each in _names(file)}


def test_good_statements_are_kept() -> None:
    file, found = parse(
        Source("m", "model m\ncost a = 1\ncost b = )\ncost c = (2\ncost d = 3\n")
    )
    assert [each.id for each in found.all] == ["unopened-bracket", "unclosed-bracket"]
    assert file is not None
    assert [each.name.text for each in file.statements if isinstance(each, ast.Term)] == [
        "a",
        "d",
    ]


def test_each_broken_line_of_a_program_is_one_mistake() -> None:
    lines = (ROOT / "tests" / "programs" / "conv_psd.ebm").read_text("utf-8").splitlines()
    for number in range(1, len(lines)):
        broken = [line.partition("#")[0].rstrip() for line in lines]
        broken[number] += " + )"
        found = parse(Source("m", "\n".join(broken)))[1].all
        assert [each.span.line for each in found] == [number + 1], broken[number]


def test_nesting_is_limited() -> None:
    assert ids(f"model m\nlet a = {'(' * 64}1{')' * 64}\n") == []
    assert ids(f"model m\nlet a = {'(' * 65}1{')' * 65}\n") == ["too-deep"]
    assert ids(f"model m\nlet a = {'-' * 5000}1\n") == ["too-deep"]
    assert ids(f"model m\nlet a = {'f(' * 20000}\n") == ["too-deep"]


def test_size_is_limited() -> None:
    assert ids("#" * MAX_BYTES + "#") == ["file-too-large"]
    assert ids("#" * MAX_BYTES) == ["missing-model"]


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    file, found = parse(Source("m", text))
    assert file is not None or not found.ok


@given(st.binary())
def test_any_bytes_have_an_answer(data: bytes) -> None:
    file, found = parse(Source("m", data.decode("latin-1")))
    assert file is not None or not found.ok


@pytest.mark.parametrize("seed", range(10))
def test_mutated_programs_have_an_answer_in_time(seed: int) -> None:
    rng = random.Random(seed)
    for number in range(50):
        text = rng.choice(PROGRAMS).read_text("utf-8")
        for _ in range(rng.randint(1, 8)):
            text = _mutated(text, rng)
        start = process_time()
        _judge(Source("m", text))
        assert process_time() - start < 2, (seed, number)


def _judge(source: Source) -> None:
    file, found = parse(source)
    assert file is not None or not found.ok
    if file is not None and found.ok:
        again = format_file(file, source)
        assert tree(again) == file


def _mutated(text: str, rng: random.Random) -> str:
    start = rng.randrange(len(text) + 1)
    end = min(len(text), start + rng.choice([0, 0, 1, 1, 5, 40]))
    spare = rng.choice([*SPARE, text[end : end + 20], ""])
    return text[:start] + spare + text[end:]


def test_time_grows_with_length_only() -> None:
    few = min(_cost("model m\n" + "let a = b + 1  # c\n" * 1000) for _ in range(3))
    assert _cost("model m\n" + "let a = b + 1  # c\n" * 20_000) < 20 * few * 2.5


def _cost(text: str) -> float:
    """The time to parse and lay out a program."""
    start = process_time()
    source = Source("m", text)
    file, _ = parse(source)
    assert file is not None
    format_file(file, source)
    return process_time() - start


def test_the_end_of_a_stage_that_never_began_is_no_second_mistake() -> None:
    body = "cost c = 1\nstage warm\n  train by energy\n}\ncost d = \n"
    assert ids(f"model m\n{body}") == ["unexpected", "unexpected"]
