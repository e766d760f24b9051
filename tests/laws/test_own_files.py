"""`file`: arrays of one's own, declared from their headers and checked when read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ebmdsl.std.fields import WrongDataError
from tests.laws import published
from tests.laws.sources import SPLITS, assert_in_domain, main_of, source

pytestmark = pytest.mark.usefixtures("data_folder")


def test_an_array_is_read_in_rows_that_are_split_once(data_folder: Path) -> None:
    whole = np.load(data_folder / published.VALUES)
    parts = [main_of(source("file"), split) for split in SPLITS]
    assert [len(part) for part in parts] == [24, 6]
    together = np.concatenate(parts)
    np.testing.assert_array_equal(together[np.lexsort(together.T)], whole[np.lexsort(whole.T)])


def test_a_file_of_several_arrays_names_its_fields(data_folder: Path) -> None:
    image, kind = np.arange(40.0).reshape(10, 2, 2), np.eye(10)
    np.savez(data_folder / "both.npz", image=image, kind=kind)
    both = source("file", path="both.npz")
    assert [(one.name, one.shape, one.main) for one in both.fields()] == [
        ("image", (2, 2), True),
        ("kind", (10,), False),
    ]
    arrays = both.load("train", 0)
    np.testing.assert_array_equal(arrays["image"], image[arrays["kind"].argmax(1)])


@pytest.mark.parametrize("head", ["", "a,b\n"])
def test_a_table_is_read_with_or_without_names(head: str, data_folder: Path) -> None:
    (data_folder / "t.csv").write_text(head + "".join(f"{i},{i / 2}\n" for i in range(10)))
    table = source("file", path="t.csv")
    assert table.fields()[0].shape == (2,)
    rows = np.concatenate([main_of(table, split) for split in SPLITS])
    assert sorted(rows[:, 0]) == list(range(10))
    np.testing.assert_array_equal(rows[:, 1], rows[:, 0] / 2)


DOMAINS: list[tuple[str, list[float], list[float]]] = [
    ("nonneg", [0.0, 2.0], [0.0, -1.0]),
    ("positive", [0.5, 2.0], [0.0, 1.0]),
    ("binary", [0.0, 1.0], [0.0, 0.5]),
    ("spin", [-1.0, 1.0], [0.0, 1.0]),
    ("onehot", [0.0, 1.0], [1.0, 1.0]),
    ("simplex", [0.3, 0.7], [0.3, 0.6]),
    ("sphere", [0.6, 0.8], [0.6, 0.9]),
]


@pytest.mark.parametrize(("domain", "right", "wrong"), DOMAINS)
def test_what_is_said_of_a_file_is_checked(
    domain: str, right: list[float], wrong: list[float], data_folder: Path
) -> None:
    for name, row in (("right", right), ("wrong", wrong)):
        np.save(data_folder / f"{name}.npy", np.array([row] * 10))
    good = source("file", path="right.npy", domain=domain)
    assert_in_domain(main_of(good, "train"), good.fields()[0])
    with pytest.raises(WrongDataError, match=f"not {domain}"):
        source("file", path="wrong.npy", domain=domain).load("test", 0)


def test_numbers_that_are_not_finite_are_refused(data_folder: Path) -> None:
    np.save(data_folder / "hole.npy", np.full((9, 1), np.nan))
    with pytest.raises(WrongDataError, match="not finite"):
        source("file", path="hole.npy").load("train", 0)


def test_a_file_that_cannot_be_read_is_refused_at_once(data_folder: Path) -> None:
    np.save(data_folder / "objects.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    np.save(data_folder / "one.npy", np.zeros((1, 3)))
    np.savez(data_folder / "uneven.npz", a=np.zeros((3, 1)), b=np.zeros((4, 1)))
    (data_folder / "text.npy").write_text("no array")
    (data_folder / "text.npz").write_text("no archive")
    (data_folder / "notes.txt").write_text("1")
    for path, reason in (
        ("objects.npy", "real numbers"),
        ("one.npy", "2 rows"),
        ("uneven.npz", "2 rows"),
        ("text.npy", "not an array"),
        ("text.npz", "not an archive"),
        ("notes.txt", "not one of .npy, .npz, .csv"),
        ("nowhere.npy", "neither here nor in the data folder"),
    ):
        with pytest.raises(ValueError, match=reason):
            source("file", path=path)
    with pytest.raises(ValueError, match="not picture"):
        source("file", domain="picture")
