"""Run directories: numbered, made at once, found by path, id and program."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ebmdsl.runtime.config import Manifest
from ebmdsl.runtime.directory import RunDirectory, create, find_run, runs, write_whole
from ebmdsl.runtime.errors import RefusedError, RunError
from tests.runtime.programs import SPARSE, run


def _filled(folder: RunDirectory) -> None:
    write_whole(folder.path / "run.json", "{}")


def test_numbers_go_on(tmp_path: Path) -> None:
    names = [create(tmp_path, "m", fill=_filled).id for _ in range(3)]
    assert names == ["m-1", "m-2", "m-3"]
    assert create(tmp_path, "other", fill=_filled).id == "other-1"
    shutil.rmtree(tmp_path / "m-2")
    assert create(tmp_path, "m", fill=_filled).id == "m-4"


def test_runs_made_at_the_same_time_get_different_names(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: create(tmp_path, "m", fill=_filled).id, range(16)))
    assert sorted(made) == sorted(f"m-{n}" for n in range(1, 17))


def test_a_failure_while_filling_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: RunDirectory) -> None:
        _filled(folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        create(tmp_path, "m", fill=fail)
    assert list(tmp_path.iterdir()) == []


def test_a_run_has_everything_it_promises(tmp_path: Path) -> None:
    found = run(SPARSE, tmp_path).run
    names = {path.name for path in found.path.iterdir()}
    assert names == {
        "model.ebm",
        "settings.json",
        "plan.json",
        "run.json",
        "metrics.jsonl",
        "weights.safetensors",
        "state",
        "report",
    }
    manifest = found.manifest
    assert manifest.run == found.id == "sparse-1"
    assert manifest.status == "finished"
    assert manifest.versions.keys() >= {"ebmdsl", "python", "torch", "numpy"}
    assert len(manifest.data["digs"]) == len(manifest.source) == 64
    assert (manifest.step, manifest.steps) == (2, 2)


def test_a_run_is_found_by_folder_id_and_program(tmp_path: Path) -> None:
    program = tmp_path / "any.ebm"
    program.write_text(SPARSE, "utf-8")
    out = tmp_path / "runs"
    with pytest.raises(RunError, match=r"no finished run.*make one: ebmc train"):
        find_run(str(program), out)
    first, second = (run(SPARSE, out).run for _ in range(2))
    assert find_run(str(first.path), out).id == find_run(first.id, out).id == first.id
    _pretend_real(first)
    assert find_run(str(program), out).id == first.id
    _pretend_real(second)
    assert find_run(str(program), out).id == second.id
    assert [one.id for one in runs(out)] == [first.id, second.id]


def _pretend_real(found: RunDirectory) -> None:
    settings = found.settings.model_copy(update={"smoke": False})
    write_whole(found.path / "settings.json", settings.model_dump_json())


def test_what_is_no_run_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"there is no run `nope`; .* holds no runs"):
        find_run("nope", tmp_path)
    with pytest.raises(RunError, match=r"it has no run\.json"):
        find_run(str(tmp_path), tmp_path)
    with pytest.raises(RunError, match="there is no run"):
        find_run("../secret", tmp_path)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"run": 3}', "\x00"])
def test_a_manifest_of_another_kind_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(text, "utf-8")
    with pytest.raises(RefusedError, match=r"run\.json is not what a run writes"):
        _ = RunDirectory(tmp_path).manifest


def test_a_huge_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(" " * (2 << 20), "utf-8")
    with pytest.raises(RefusedError, match="larger than"):
        _ = RunDirectory(tmp_path).manifest


def test_a_manifest_survives_being_written(tmp_path: Path) -> None:
    manifest = Manifest(
        run="m-1",
        model="m",
        status="failed",
        source="a",
        data={},
        started="now",
        steps=3,
        versions={},
        threads=1,
        energy={"total": float("1e-300")},
    )
    RunDirectory(tmp_path).record(manifest)
    assert RunDirectory(tmp_path).manifest == manifest


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RunError, match="cannot write runs into"):
        create(tmp_path / "file" / "runs", "m", fill=_filled)
