"""When the output is colored."""

from __future__ import annotations

from io import StringIO
from typing import final

import pytest

from ebmdsl.cli.shell import Shell


@final
class Terminal(StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def shell(color: str = "auto") -> Shell:
    return Shell(format="human", color=color, quiet=False, verbose=False, root=None)


@pytest.mark.parametrize(
    ("surroundings", "colored"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_is_colored_unless_the_surroundings_say_no(
    monkeypatch: pytest.MonkeyPatch, surroundings: dict[str, str], *, colored: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    assert shell().colored(Terminal()) is colored
    assert shell("always").colored(Terminal()) is True
    assert shell("never").colored(Terminal()) is False


def test_a_pipe_is_plain() -> None:
    assert shell().colored(StringIO()) is False
