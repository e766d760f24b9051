"""Settings at the door: strict, closed, and the file's unless something else was asked for."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from ebmdsl.check.model import Settings
from ebmdsl.runtime.config import RunSettings, TrainOptions

FILE = Settings(epochs=20, batch=256, seed=7)


def test_without_options_the_file_decides() -> None:
    assert TrainOptions().applied_to(FILE) == FILE


def test_options_override_and_epochs_undo_steps() -> None:
    options = TrainOptions(epochs=3, seed=1)
    found = options.applied_to(Settings(steps=1000))
    assert (found.epochs, found.steps, found.seed) == (3, None, 1)
    assert TrainOptions(steps=5).applied_to(FILE).steps == 5


def test_smoke_is_two_small_steps() -> None:
    found = TrainOptions(smoke=True).applied_to(FILE)
    assert (found.steps, found.batch) == (2, 32)
    assert TrainOptions(smoke=True, steps=4).applied_to(FILE).steps == 4


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"seed": -1}, {"epochs": "3"}, {"epoch": 3}])
def test_what_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TrainOptions(**wrong)


def test_recorded_settings_survive_json_and_are_closed() -> None:
    settings = RunSettings(
        hypers={"k": 3, "lam": 0.5, "name": "x"},
        epochs=1,
        steps=None,
        batch=8,
        seed=0,
        precision=64,
        restarts=1,
    )
    text = settings.model_dump_json()
    again = RunSettings.model_validate_json(text)
    assert again == settings
    assert type(again.hypers["k"]) is int
    with pytest.raises(ValidationError):
        RunSettings.model_validate_json(text.replace('"batch"', '"bunch"'))
