"""`ebmc check --fix`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Ebmc

BROKEN = (
    "model m\nobservd y : real[4]\nparam w : real[4]\ncost e = 2 × sq(y - w)\ntrain by energy\n"
)


def test_safe_fixes_are_applied(ebmc: Ebmc, tmp_path: Path) -> None:
    path = tmp_path / "m.ebm"
    path.write_text(BROKEN, "utf-8")
    assert ebmc("check", "--fix", str(path)).exit_code == 1
    assert path.read_text("utf-8") == BROKEN.replace("×", "*")


def test_all_fixes_are_applied_when_asked(ebmc: Ebmc, tmp_path: Path) -> None:
    path = tmp_path / "m.ebm"
    path.write_text(BROKEN, "utf-8")
    done = ebmc("check", "--unsafe-fixes", str(path))
    assert done.exit_code == 0
    assert path.read_text("utf-8") == BROKEN.replace("×", "*").replace("observd", "observed")


def test_standard_input_cannot_be_mended(ebmc: Ebmc) -> None:
    assert ebmc("check", "--fix", "-", stdin=BROKEN).exit_code == 2
