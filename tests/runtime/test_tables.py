"""Arrays in files: what is written comes back, and nothing in a file can run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.tables import read_arrays, write_arrays

Y = np.random.default_rng(0).random((5, 2, 3))
SHAPES: dict[str, tuple[int, ...]] = {"y": (2, 3), "x": ()}


def test_archives_and_single_arrays_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, {"y": Y})
    assert np.array_equal(read_arrays(path, only="y", shapes=SHAPES)["y"], Y)
    np.save(tmp_path / "one.npy", Y)
    assert np.array_equal(read_arrays(tmp_path / "one.npy", only="y", shapes={})["y"], Y)


def test_a_file_that_could_run_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "code.npy", np.array([{}], dtype=object), allow_pickle=True)
    for name, text in (("code.npy", None), ("text.npz", "hello"), ("empty.npz", "")):
        if text is not None:
            (tmp_path / name).write_text(text, "utf-8")
        with pytest.raises(RefusedError, match="not a plain array file"):
            read_arrays(tmp_path / name, only="y", shapes=SHAPES)
    with pytest.raises(RunError, match="does not exist"):
        read_arrays(tmp_path / "nothing.npz", only="y", shapes=SHAPES)
    with pytest.raises(RunError, match="cannot write"):
        write_arrays(tmp_path / "no" / "a.npz", {"y": Y})


def test_tables_have_a_column_for_every_entry(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    status = np.array([0, 1, 2, 0, 0], dtype=np.int8)
    write_arrays(path, {"y": Y, "x": np.arange(5.0), "status": status})
    first, second, third, *_ = path.read_text("utf-8").splitlines()
    assert first == "y[0],y[1],y[2],y[3],y[4],y[5],x,status"
    assert second.endswith(",0.0,converged")
    assert third.endswith(",1.0,at limit")
    cut = [line.rpartition(",")[0] for line in path.read_text("utf-8").splitlines()]
    path.write_text("\n".join(cut), "utf-8")
    found = read_arrays(path, only="y", shapes=SHAPES)
    assert np.array_equal(found["y"], Y)
    assert found["x"].tolist() == [0, 1, 2, 3, 4]


def test_a_table_without_names_is_the_one_variable(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1,2,3,4,5,\n6,5,4,3,2,1\n", "utf-8")
    found = read_arrays(path, only="y", shapes=SHAPES)["y"]
    assert found.shape == (2, 2, 3)
    assert np.isnan(found[0, 1, 2])
    assert found[1, 0].tolist() == [6, 5, 4]


WRONG = {
    "1,2\n3\n": "a row has 1 cells, the first has 2",
    "y[0],y[1]\n1,two\n": "`two` is no number",
    "y[1],y[0]\n1,2\n": r"column `y\[1\]` is not in order, `y\[0\]` is next",
    "y[a]\n1\n": r"`y\[a\]` names no column",
    "": "is empty",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_table_is_said_plainly(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(RunError, match=WRONG[text]):
        read_arrays(path, only="y", shapes=SHAPES)
