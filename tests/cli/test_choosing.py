"""`ebmc check --select`, `--ignore`, `--deny` and `--pedantic`."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Ebmc

TWO = """model two
observed y : real[2]
param m : real[2]
let spare = y + m
cost f = sq(y - m)  # ebm: ignore[unbounded-gain]
train by energy
"""


def shown(ebmc: Ebmc, *flags: str) -> tuple[int, dict[str, str]]:
    done = ebmc("check", "--format", "json", "-", *flags, stdin=TWO)
    found = json.loads(done.stdout)["diagnostics"]
    return done.exit_code, {each["id"]: each["severity"] for each in found}


def test_warnings_are_shown_and_do_not_fail(ebmc: Ebmc) -> None:
    code, found = shown(ebmc)
    assert code == 0
    assert found == {"unused-declaration": "warning", "unused-silencer": "warning"}


@pytest.mark.parametrize(
    ("flags", "code", "wanted"),
    [
        (("--select", "unused-declaration"), 0, {"unused-declaration": "warning"}),
        (("--ignore", "unused-declaration"), 0, {"unused-silencer": "warning"}),
        (("--ignore", "unused-declaration, unused-silencer"), 0, {}),
        (
            ("-D", "unused-declaration"),
            1,
            {"unused-declaration": "error", "unused-silencer": "warning"},
        ),
        (
            ("-D", "unused-declaration", "--ignore", "unused-declaration"),
            0,
            {"unused-silencer": "warning"},
        ),
        (("-D", "warnings"), 1, {"unused-declaration": "error", "unused-silencer": "error"}),
        (("--pedantic",), 1, {"unused-declaration": "error", "unused-silencer": "error"}),
    ],
)
def test_the_chosen_warnings_count(
    ebmc: Ebmc, flags: tuple[str, ...], code: int, wanted: dict[str, str]
) -> None:
    assert shown(ebmc, *flags) == (code, wanted)


def test_an_error_cannot_be_chosen_away(ebmc: Ebmc) -> None:
    broken = TWO.replace("sq(y - m", "sq(yy - m")
    done = ebmc("check", "--select", "unused-silencer", "-", stdin=broken)
    assert done.exit_code == 1
    assert "error[unknown-name]" in done.stdout


@pytest.mark.parametrize("flag", ["--select", "--ignore", "-D"])
def test_an_id_that_is_none_is_wrong_usage(ebmc: Ebmc, flag: str) -> None:
    misspelt = ebmc("check", flag, "colapse", "-", stdin=TWO)
    assert misspelt.exit_code == 2
    assert "did you mean `collapse`?" in misspelt.stderr
    error = ebmc("check", flag, "unknown-name", "-", stdin=TWO)
    assert error.exit_code == 2
    assert "is an error" in error.stderr
