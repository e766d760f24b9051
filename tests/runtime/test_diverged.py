"""What is not finite is named: an input, a parameter, or a term with its place and sample."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ebmdsl.runtime.diverged import explain, place, verify_finite
from ebmdsl.runtime.errors import RunError
from ebmdsl.source.text import Source, Span
from tests.runtime.programs import SPARSE, started


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
