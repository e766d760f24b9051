"""`ebmc check --fix`, `--unsafe-fixes` and `--diff`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebmdsl.source.diagnostic import Diagnostic, Fix
from ebmdsl.source.text import Source
from tests.cli.conftest import Ebmc

BROKEN = (
    "model m\nobservd y : real[4]\nparam w : real[4]\ncost e = 2 × sq(y - w)\ntrain by energy\n"
)
MENDED = BROKEN.replace("×", "*").replace("observd", "observed")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "m.ebm"
    path.write_text(BROKEN, "utf-8")
    return path


def test_safe_fixes_are_applied(ebmc: Ebmc, broken: Path) -> None:
    done = ebmc("check", "--fix", str(broken))
    assert done.exit_code == 1
    assert done.stderr == f"{broken}: mended 1 mistake\n"
    assert broken.read_text("utf-8") == BROKEN.replace("×", "*")


def test_all_fixes_are_applied_when_asked(ebmc: Ebmc, broken: Path) -> None:
    done = ebmc("check", "--unsafe-fixes", str(broken))
    assert (done.exit_code, done.stdout) == (0, f"{broken}: ok\n")
    assert broken.read_text("utf-8") == MENDED


def test_standard_input_cannot_be_mended(ebmc: Ebmc) -> None:
    assert ebmc("check", "--fix", "-", stdin=BROKEN).exit_code == 2


def test_a_difference_is_shown_and_nothing_is_written(ebmc: Ebmc, broken: Path) -> None:
    done = ebmc("check", "--diff", str(broken))
    assert done.exit_code == 1
    assert "-cost e = 2 × sq(y - w)\n+cost e = 2 * sq(y - w)\n" in done.stdout
    assert "observed" not in done.stdout
    assert "+observed y" in ebmc("check", "--diff", "--unsafe-fixes", "-", stdin=BROKEN).stdout
    assert broken.read_text("utf-8") == BROKEN
    same = ebmc("check", "--diff", "-", stdin=MENDED)
    assert (same.exit_code, same.stdout) == (0, "")


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ("cost f = sq(y)²", "cost f = sq(y)^2"),
        ("cost f = y ** 2", None),
        ("cost f = 2 sq(y)", None),
        ("cost f = sq(y);", "cost f = sq(y)"),
        ("param v : real init 0 init 1", None),
        (
            "param v : real[4, 4] with symmetric with zero_diag cost f = sq(v @ y)",
            "symmetric, zero_diag cost f = sq(v @ y)",
        ),
        ("cost f = sq(y)) / 2", "cost f = sq(y) / 2"),
        ("cost f = sq(y", "cost f = sq(y)"),
        ("f = sq(y)", "let f = sq(y)"),
        ("expect mean(e) = 1", "expect mean(e) == 1"),
        ("let data = sq(y)", "let data_ = sq(y)"),
        ("cost f = sq(yy)", None),
        ("cost f = l1x(y)", "cost f = l1(y)"),
        ("cost f = +sq(y)", "cost f = sq(y)"),
        ("// sq(y)", "# sq(y)"),
        ("report r = mean(e) with v", "report r = mean(e)"),
    ],
)
def test_what_can_be_mended_is(
    ebmc: Ebmc, tmp_path: Path, line: str, mended: str | None
) -> None:
    path = tmp_path / "m.ebm"
    path.write_text(f"{MENDED}{line}\n", "utf-8")
    done = ebmc("check", "--unsafe-fixes", str(path))
    text = path.read_text("utf-8")
    if mended is not None:
        assert text.splitlines()[-1].endswith(mended)
        assert "error[" not in done.stdout
    assert text.splitlines()[:5] == MENDED.splitlines()


def test_fixes_that_bring_each_other_up_end() -> None:
    from ebmdsl.cli.mending import ROUNDS, mended

    def found(source: Source) -> list[Diagnostic]:
        other = "b" if source.text == "a" else "a"
        return [_asking_for(other, source)]

    assert mended(Source("m", "a"), found, unsafe=True).count == ROUNDS


def _asking_for(text: str, source: Source) -> Diagnostic:
    span = source.span(0, 1)
    return Diagnostic("x", "error", "m", span, fix=Fix(span, text, safe=False))
