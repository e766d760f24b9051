"""What is not finite is named: an input, a parameter, or a term with its place and sample."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ebmdsl.compilation import Compilation
from ebmdsl.runtime.diverged import explain, place, unproved, verify_finite
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.evaluate import evaluate_run, find_latents
from ebmdsl.source.text import Source, Span
from tests.runtime.programs import SPARSE, run, started


def _explained(start: object, values: dict[str, torch.Tensor]) -> str:
    from ebmdsl.runtime.start import Start

    assert isinstance(start, Start)
    result = start.module.solve(values, tol=1e-3)
    rows = torch.arange(100, 100 + len(values["y"]))
    return explain(start.module, values, result=result, rows=rows)


def test_a_bad_input_is_named_with_its_row(tmp_path: Path) -> None:
    start = started(SPARSE, tmp_path)
    values = {"y": start.samples.variables["y"][:8].clone()}
    values["y"][5, 3] = float("inf")
    assert _explained(start, values) == "`y` of training sample 105 is not finite"


def test_a_bad_parameter_is_named(tmp_path: Path) -> None:
    start = started(SPARSE, tmp_path)
    with torch.no_grad():
        start.module.get_parameter("W")[0, 0] = torch.nan
    assert (
        _explained(start, start.samples.rows(slice(4))) == "parameter `W` is no longer finite"
    )


def test_a_bad_term_is_named_with_its_line(tmp_path: Path) -> None:
    start = started(SPARSE.replace("sq(y - yhat) / 2", "sq(y - yhat) / 2 / sum(y)"), tmp_path)
    y = start.samples.variables["y"][:4].clone()
    y[2] = 0
    found = _explained(start, {"y": y})
    assert found == "the term `recon` (model.ebm:7:6) is nan at sample 102"


def test_only_finite_parameters_are_kept() -> None:
    verify_finite({"W": torch.ones(2)}, step=3)
    with pytest.raises(RunError, match="`W` is no longer finite after step 3"):
        verify_finite({"W": torch.tensor([1.0, torch.inf])}, step=3)


def test_a_place_is_written_as_editors_open_it() -> None:
    assert place(Span(Source("a.ebm", "one\ntwo"), 5, 6)) == "a.ebm:2:2"


SHORT = SPARSE.replace("infer z by minimize", "infer z by minimize with fista(steps = 4)")


def _policy(word: str) -> str:
    return SHORT.replace("run { steps", f"run {{ on_failure = {word}, steps")


def test_what_is_not_proved_is_told_with_its_place_and_worst_sample(tmp_path: Path) -> None:
    start = started(SHORT, tmp_path)
    result = start.module.solve(start.samples.rows(slice(8)), tol=1e-7)
    rows = torch.arange(100, 108)
    told = unproved(start.module, result.proofs, rows=rows)
    worst = 100 + int(result.certificate.argmax())
    assert told is not None
    assert told.startswith("`z` (model.ebm:9:1): 8 of 8 samples are not proved; ")
    assert f"sample {worst} is at its limit, certificate" in told
    assert told.endswith(" steps")
    good = started(SPARSE, tmp_path).module.solve(start.samples.rows(slice(8)))
    assert unproved(start.module, good.proofs, rows=rows) is None


def test_the_policy_of_a_run_decides_what_follows(tmp_path: Path) -> None:
    warned = run(_policy("warn"), tmp_path)
    assert int(find_latents(warned.module, warned.sources.samples("test")).status.max()) == 1
    again = run(_policy("retry"), tmp_path)
    assert again.settings.on_failure == "retry"
    rows = {row.text: row.value for row in evaluate_run(again) if row.value}
    assert rows["share converged"] == (1.0,)
    assert {row.text: row.value for row in evaluate_run(warned)}["share converged"] < (1.0,)
    with pytest.raises(
        RunError, match=r"step 1: `z` \(model.ebm:9:1\): .* \(`on_failure = raise`\)"
    ):
        run(_policy("raise"), tmp_path)


def test_a_policy_is_one_of_three_words() -> None:
    compilation = Compilation(Source("m.ebm", _policy("ignore")))
    assert compilation.plan is None
    (said,) = compilation.diagnostics.errors
    assert said.message == "`on_failure` is one of `warn`, `raise`, `retry`"
