"""Long programs take work in proportion to their length: calls are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from benchmarks.length import LINES, check, fmt, one_line, program
from ebmdsl.compilation import diagnose

SHORT, LONG = 150, 600


def calls(work: Callable[[str], None], text: str) -> int:
    """How many functions, ours and Python's own, a piece of work calls."""
    count = 0

    def notice(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        del frame, argument
        count += event in {"call", "c_call"}

    sys.setprofile(notice)
    try:
        work(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("work", [check, fmt], ids=["check", "fmt"])
def test_work_grows_with_the_number_of_lines(work: Callable[[str], None], kind: str) -> None:
    work(program(kind, 2))
    few, many = (calls(work, program(kind, size)) for size in (SHORT, LONG))
    assert many < 1.2 * LONG / SHORT * few


def test_work_grows_with_the_length_of_a_line() -> None:
    few, many = (calls(check, one_line(size)) for size in (SHORT, LONG))
    assert many < 1.2 * LONG / SHORT * few


HEAD = "model deep\nobserved y : real[4]\n"
CHAINS = {
    "functions": ("func f0(u) = u", "func f{1}(u) = f{0}(u) + 1", "f{1}(y)"),
    "doubling functions": ("func f0(u) = u", "func f{1}(u) = f{0}(u) * f{0}(u)", "f{1}(y)"),
    "values": ("let a0 = y", "let a{1} = exp(a{0})", "a{1}"),
    "doubling values": ("let a0 = y", "let a{1} = exp(a{0}) * a{0}", "a{1}"),
}


@pytest.mark.parametrize("kind", CHAINS)
def test_definitions_that_use_one_another_without_end_are_one_mistake(kind: str) -> None:
    first, line, last = CHAINS[kind]
    chain = "\n".join(line.format(n, n + 1) for n in range(400))
    text = f"{HEAD}{first}\n{chain}\ncost e = sq({last.format(399, 400)})\n"
    found = diagnose(text)
    assert [each.id for each in found.errors] == ["too-deep"]


def test_values_may_be_declared_in_any_order() -> None:
    chain = "\n".join(f"let a{n} = a{n + 1} + 1" for n in range(100))
    assert diagnose(f"{HEAD}{chain}\nlet a100 = y\ncost e = sq(a0)\n").ok
