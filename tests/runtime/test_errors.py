"""The two kinds of failure stay apart: they end with different exit codes."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from ebmdsl.cli import main
from ebmdsl.runtime.errors import RefusedError, RunError


@pytest.mark.parametrize(("error", "code"), [(RunError, 3), (RefusedError, 4)])
def test_each_has_its_exit_code(
    error: type[Exception], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        del args
        raise error("one clear sentence")

    monkeypatch.setattr("ebmdsl.runtime.directory.find_run", fail)
    done = CliRunner().invoke(main, ["eval", "any"])
    assert done.exit_code == code
    assert "ebmc: one clear sentence" in done.stderr
