"""Opening a run: only what belongs together is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.trained import open_run
from tests.runtime.programs import SPARSE, run


def test_an_opened_run_is_the_run(tmp_path: Path) -> None:
    made = run(SPARSE, tmp_path)
    again = open_run(made.run)
    y = made.sources.samples("test").variables
    first, second = (one.module.solve(y, tol=1e-4).value for one in (made, again))
    assert torch.equal(first, second)
    assert again.settings == made.settings


def test_another_program_beside_the_weights_is_refused(tmp_path: Path) -> None:
    found = run(SPARSE, tmp_path).run
    text = found.program.read_text("utf-8")
    found.program.write_text(text.replace("lam * l1(z)", "lam * l1(z) / 2"), "utf-8")
    with pytest.raises(RefusedError, match="not the program"):
        open_run(found)


def test_a_program_that_does_not_compile_is_said_plainly(tmp_path: Path) -> None:
    found = run(SPARSE, tmp_path).run
    found.program.write_text("model broken(k = 1, lam = 1.0)\ncost c = nothing\n", "utf-8")
    with pytest.raises(RunError, match=r"does not compile any more: .*\(line 2\)"):
        open_run(found)
    found.program.write_bytes(b"\xff")
    with pytest.raises(RunError, match="cannot read"):
        open_run(found)


def test_weights_of_another_run_are_refused(tmp_path: Path) -> None:
    first, second = (run(text, tmp_path).run for text in (SPARSE, SPARSE + "# other\n"))
    first.weights.replace(second.weights)
    with pytest.raises(RefusedError, match="another program"):
        open_run(second)
