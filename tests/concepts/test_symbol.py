"""A symbol writes itself around its arguments."""

from __future__ import annotations

import pytest

from ebmdsl.concepts.symbol import Symbol


@pytest.mark.parametrize(
    ("template", "arguments", "text"),
    [
        ("‖{}‖₁", ("z",), "‖z‖₁"),
        ("⟨{}, {}⟩", ("x", "y"), "⟨x, y⟩"),
        ("max({})", ("a", "b", "c"), "max(a, b, c)"),
    ],
)
def test_arguments_take_their_places(
    template: str, arguments: tuple[str, ...], text: str
) -> None:
    assert Symbol(template).show(*arguments) == text
