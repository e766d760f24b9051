"""Inference: the same codes as the module's, and clear words for what does not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.infer import arrays_of, infer, read_arrays, write_arrays
from ebmdsl.runtime.trained import Trained
from tests.runtime.programs import NOISY, SPARSE, run

Y = np.random.default_rng(0).random((5, 64)).astype(np.float32)


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


def test_files_come_back_and_hold_no_code(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, {"y": Y})
    assert np.array_equal(read_arrays(path, only="y")["y"], Y)
    np.save(tmp_path / "one.npy", Y)
    assert np.array_equal(read_arrays(tmp_path / "one.npy", only="y")["y"], Y)
    np.save(tmp_path / "code.npy", np.array([{}], dtype=object), allow_pickle=True)
    for name, text in (("code.npy", None), ("text.npz", "hello"), ("empty.npz", "")):
        if text is not None:
            (tmp_path / name).write_text(text, "utf-8")
        with pytest.raises(RefusedError, match="not a plain array file"):
            read_arrays(tmp_path / name, only="y")
    with pytest.raises(RunError, match="does not exist"):
        read_arrays(tmp_path / "nothing.npz", only="y")
    with pytest.raises(RunError, match="cannot write"):
        write_arrays(tmp_path / "no" / "a.npz", {"y": Y})
