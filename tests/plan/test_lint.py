"""All lints together: programs that earn a warning, and the many that must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.plan.lint import LINTS
from ebmdsl.source.mistake import Mistake, mistakes
from ebmdsl.source.text import Source
from tests.goldens import diagnosed, expectations

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "tests" / "programs"
CONTROLS = sorted((PROGRAMS / "controls").glob("*.ebm"))
SOUND = [
    *sorted((ROOT / "models").rglob("*.ebm")),
    *sorted(PROGRAMS.glob("*.ebm")),
    *sorted((PROGRAMS / "expansions").glob("*.ebm")),
    *sorted((PROGRAMS / "systems").glob("*.ebm")),
]
OURS = {id for id, one in mistakes().items() if ".plan.lints." in one.__module__}


def compiled(path: Path) -> Compilation:
    compilation = Compilation(Source(str(path), path.read_text("utf-8")))
    _ = compilation.plan
    return compilation


@pytest.mark.parametrize("path", CONTROLS, ids=lambda path: path.stem)
def test_controls_earn_what_their_header_says(path: Path) -> None:
    expected = expectations(path.read_text("utf-8"))
    assert expected
    assert sorted(diagnosed(compiled(path).diagnostics)) == sorted(expected)


@pytest.mark.parametrize("path", SOUND, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_no_sound_program_is_warned_of(path: Path) -> None:
    assert [one for one in diagnosed(compiled(path).diagnostics) if one[1] in OURS] == []


def test_every_lint_has_a_control() -> None:
    said = {one[1] for path in CONTROLS for one in expectations(path.read_text("utf-8"))}
    assert said >= OURS


def test_every_file_of_lints_is_run() -> None:
    files = {path.stem for path in (ROOT / "ebmdsl/plan/lints").glob("*.py")}
    kinds = {kind.__module__.rpartition(".")[2] for kind in _kinds()}
    assert kinds <= files
    assert {lint.__module__.rpartition(".")[2] for lint in LINTS} == kinds


def _kinds() -> list[type[Mistake]]:
    return [kind for name, kind in mistakes().items() if name in OURS]


@pytest.mark.parametrize(
    ("name", "setting", "said"),
    [
        ("systems/s44_fuzzy_balls", "spring", "unbounded-noise"),
        ("systems/s36_latent_prediction", "lam", "collapse"),
        ("sparse_coding", "lam", "collapse"),
    ],
)
def test_what_a_setting_takes_away_is_missed(name: str, setting: str, said: str) -> None:
    path = PROGRAMS / f"{name}.ebm"
    source = Source(str(path), path.read_text("utf-8"))
    without = Compilation(source, {setting: 0})
    assert without.plan is not None
    assert [one.id for one in without.diagnostics.all] == [said]
