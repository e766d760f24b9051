"""Mistakes of whole statements point at the statement and say what to write instead."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import diagnose

START = "model m\nobserved y : real[2]\nlatent z : real[2]\nparam W : real[2, 2]\n"
COST = "cost c = sq(y - W @ z)\n"


@pytest.mark.parametrize(
    ("program", "name", "place"),
    [
        (START + COST, "latent-not-inferred", (3, 8)),
        (START + "infer z by minimize\n", "no-energy", (1, 7)),
        (START + COST + "infer y by minimize\n", "wrong-role", (6, 7)),
        (START + COST + "infer z by minimize\nrun { epochs = -1 }\n", "bad-setting", (7, 16)),
    ],
)
def test_the_culprit_is_the_primary_span(
    program: str, name: str, place: tuple[int, int]
) -> None:
    found = {each.id: (each.span.line, each.span.column) for each in diagnose(program).errors}
    assert found[name] == place


def test_what_to_write_instead_is_said() -> None:
    helps = [each.help for each in diagnose(START + COST).errors]
    assert any("infer z" in text for text in helps)
