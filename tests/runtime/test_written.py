"""What a run directory holds: settings, plan and manifest, before the first step."""

from __future__ import annotations

import json
from pathlib import Path

from ebmdsl.runtime.written import MOST_EXACT_STEPS, length_of, lengthened
from tests.runtime.programs import MEANS, SPARSE, started


def test_a_new_run_is_whole(tmp_path: Path) -> None:
    run = started(SPARSE, tmp_path).directory
    assert run.settings.batch == 16
    assert run.settings.stages == {}
    assert run.manifest.step == 0
    assert run.manifest.stage == ""
    plan = json.loads((run.path / "plan.json").read_text("utf-8"))
    assert plan["plan"][0] == "plan sparse"
    assert run.weights.exists()


def test_exact_steps_go_on_until_nothing_changes(tmp_path: Path) -> None:
    start = started(MEANS, tmp_path, smoke=False)
    assert length_of(start.plan, start.options).steps == MOST_EXACT_STEPS


def test_only_the_length_of_one_stage_changes(tmp_path: Path) -> None:
    start = started(SPARSE, tmp_path)
    recorded = start.directory.settings
    both = recorded.model_copy(update={"stages": {"a": recorded, "b": recorded}})
    longer = length_of(start.plan, start.options.model_copy(update={"steps": 77}))
    assert lengthened(recorded, "", settings=longer).steps == 77
    changed = lengthened(both, "b", settings=longer)
    assert (changed.stages["a"].steps, changed.stages["b"].steps) == (recorded.steps, 77)
