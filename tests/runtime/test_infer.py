"""Inference: the same codes as the module's, and clear words for what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.infer import Inferred, Query, arrays_of
from ebmdsl.runtime.infer import infer as answered
from ebmdsl.runtime.trained import Trained
from tests.runtime.programs import NOISY, SPARSE, run

Y = np.random.default_rng(0).random((5, 64)).astype(np.float32)


def infer(model: Trained, given: dict[str, Any] | None = None, **asked: Any) -> Inferred:
    return answered(model, Query(given, **asked))


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run(SPARSE, tmp_path_factory.mktemp("runs"))


def test_an_answer_has_everything(sparse: Trained) -> None:
    found = arrays_of(infer(sparse, {"y": Y}))
    assert {name: x.shape for name, x in found.items()} == {
        "z": (5, 12),
        "F": (5,),
        "term.recon": (5,),
        "term.sparse": (5,),
        "certificate": (5,),
        "status": (5,),
        "steps": (5,),
    }
    w = sparse.module.get_parameter("W").detach().numpy()
    by_hand = ((Y - found["z"] @ w.T) ** 2).sum(1) / 2 + 0.1 * np.abs(found["z"]).sum(1)
    assert found["F"] == pytest.approx(by_hand, rel=1e-5)
    assert found["status"].tolist() == [0] * 5
    assert found["certificate"].max() <= 1e-5


def test_without_input_it_is_the_test_split(sparse: Trained) -> None:
    y = sparse.sources.samples("test").variables["y"].numpy()
    first, second = infer(sparse), infer(sparse, {"y": y})
    assert np.array_equal(arrays_of(first)["z"], arrays_of(second)["z"])


def test_one_sample_needs_no_leading_axis(sparse: Trained) -> None:
    assert arrays_of(infer(sparse, {"y": Y[0]}))["F"].shape == (1,)


WRONG: dict[str, dict[str, Any]] = {
    r"`y` is missing: the model needs n samples of": {},
    r"`x` is no variable of the model; it has y": {"y": Y, "x": Y},
    r"`y` is \[5, 63\]; the model needs n samples of": {"y": Y[:, 1:]},
    r"`y` holds <U1, not numbers": {"y": np.full((5, 64), "a")},
    r"`y`: sample 2 holds NaN": {"y": np.where(np.arange(5)[:, None] == 2, np.nan, Y)},
}


@pytest.mark.parametrize("message", WRONG)
def test_what_does_not_fit_is_said_plainly(message: str, sparse: Trained) -> None:
    with pytest.raises(RunError, match=message):
        infer(sparse, WRONG[message])


def test_domains_are_checked(tmp_path: Path) -> None:
    text = SPARSE.replace("observed y : real[64]", "observed y : nonneg[64]")
    model = run(text, tmp_path)
    with pytest.raises(RunError, match="`y` is nonneg, but its entries go from -1 to"):
        infer(model, {"y": Y - np.eye(5, 64) * (1 + Y)})


def test_random_variables_are_drawn_or_given(tmp_path: Path) -> None:
    model = run(NOISY, tmp_path)
    drawn = arrays_of(infer(model, {"y": Y}))["F"]
    quiet = arrays_of(infer(model, {"y": Y, "e": np.zeros_like(Y)}))["F"]
    assert np.array_equal(drawn, arrays_of(infer(model, {"y": Y}))["F"])
    assert not np.array_equal(drawn, quiet)


BLANKS = """model blanks
data digs = digits()
observed y : real[64] from digs.image
latent z : real[3]
param W : real[64, 3]
cost recon = sq(y - W @ z)
regularizer prior = sq(z) / 2
infer z by minimize
predict y by minimize
train by energy with adam(0.01)
run { steps = 5, batch = 16 }
"""
ROOTS = """model roots_of
data curve = roots()
given x : real[1] from curve.x
observed y : real[1] from curve.y
param a : real
cost distance = sq(y^2 - x) + sq(a)
predict y by minimize with lbfgs(tol = 1e-8) from starts(-2..2, 9)
train by energy with sgd(0.1)
run { steps = 2 }
"""


@pytest.fixture(scope="module")
def blanks(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return run(BLANKS, tmp_path_factory.mktemp("runs"))


def _by_hand(model: Trained, mask: np.ndarray) -> np.ndarray:
    w = model.module.get_parameter("W").detach().double().numpy()
    spread, filled = w @ w.T + np.eye(64) / 2, Y.astype(float).copy()
    for row, m in enumerate(mask):
        filled[row, m] = spread[m][:, ~m] @ np.linalg.solve(spread[~m][:, ~m], Y[row, ~m])
    return filled


def test_blanks_are_told_by_a_mask_or_by_what_is_no_number(blanks: Trained) -> None:
    mask = np.random.default_rng(1).random((5, 64)) < 0.4
    expected = _by_hand(blanks, mask)
    holes = np.where(mask, np.nan, Y)
    for found in (
        infer(blanks, {"y": Y}, masks={"y": mask.astype(float)}),
        infer(blanks, {"y": holes}),
    ):
        arrays = arrays_of(found)
        np.testing.assert_allclose(arrays["y"], expected, rtol=1e-4, atol=1e-5)
        assert arrays["status"].tolist() == [0] * 5
        assert arrays["F"].shape == (5,)
        assert "minima.y" not in arrays


def test_one_mask_serves_all_samples(blanks: Trained) -> None:
    half = np.arange(64) < 32
    arrays = arrays_of(infer(blanks, {"y": Y}, masks={"y": half}))
    np.testing.assert_allclose(arrays["y"], _by_hand(blanks, np.tile(half, (5, 1))), atol=1e-5)


def test_what_is_left_out_or_named_is_found_as_a_whole(blanks: Trained) -> None:
    assert not arrays_of(infer(blanks, {}))["y"].any()
    assert arrays_of(infer(blanks, {"y": Y}, find=("y",)))["y"].shape == (5, 64)
    assert not arrays_of(infer(blanks, find=("y",), first=3))["y"].any()


def test_every_distinct_answer_is_returned(tmp_path: Path) -> None:
    model = run(ROOTS, tmp_path)
    x = np.linspace(0.1, 1.5, 15)[:, None]
    arrays = arrays_of(infer(model, {"x": x}))
    assert arrays["minima.y"].shape == (15, 2, 1)
    roots = np.sort(arrays["minima.y"][..., 0], 1)
    np.testing.assert_allclose(roots, np.concatenate([-np.sqrt(x), np.sqrt(x)], 1), atol=1e-3)
    assert arrays["minima.F"].shape == (15, 2)
    assert (np.abs(arrays["y"] ** 2 - x) < 1e-3).all()


def test_a_question_that_no_statement_answers_is_refused(
    sparse: Trained, blanks: Trained
) -> None:
    with pytest.raises(RunError, match="no statement finds `y`; the model can find nothing"):
        infer(sparse, {"y": Y}, find=("y",))
    with pytest.raises(RunError, match=r"the mask of `y` is \[5, 63\]; its values are"):
        infer(blanks, {"y": Y}, masks={"y": np.ones((5, 63))})
