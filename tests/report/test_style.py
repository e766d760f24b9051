"""Pages are placed by hand, written whole or not at all, and the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebmdsl.report.style import Box, Page, bare, frame, write_text
from tests.report.pictures import is_a_picture, pixels


def page() -> Page:
    made = Page(4, 3, title="A title", subtitle="and what it means")
    axes = made.panel(Box(0.6, 0.8, 3, 1.6))
    axes.plot([0, 1], [0, 1], color="black", lw=8)
    frame(axes, x="x", y="y")
    return made


def test_a_page_has_its_size_and_shows_something(tmp_path: Path) -> None:
    path = page().save(tmp_path / "new" / "folder" / "a.png")
    assert is_a_picture(path)
    height, width = pixels(path).shape
    assert width * 3 == height * 4


def test_the_bytes_are_the_same_every_time(tmp_path: Path) -> None:
    first, second = (page().save(tmp_path / f"{n}.png").read_bytes() for n in range(2))
    assert first == second


def test_a_failed_save_leaves_the_old_picture_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = page().save(tmp_path / "a.png")
    before = path.read_bytes()
    broken = page()

    def fail(draft: Path, **options: object) -> None:
        Path(draft).write_bytes(b"half")
        raise OSError(options)

    monkeypatch.setattr(broken.figure, "savefig", fail)
    with pytest.raises(OSError, match="format"):
        broken.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_text(path, "one")
    assert write_text(path, "two λ").read_text("utf-8") == "two λ"
    assert list(tmp_path.iterdir()) == [path]


def test_a_bare_panel_has_no_axes() -> None:
    axes = Page(2, 2, title="").panel(Box(0, 0, 1, 1))
    bare(axes)
    assert not axes.axison
