"""Tables come back from their file as they were, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ebmdsl.syntax.build import build_tables
from ebmdsl.syntax.grammar import grammar_file, tables
from ebmdsl.syntax.tables import read_tables, write_tables


def test_tables_survive_the_cache(tmp_path: Path) -> None:
    made = build_tables(grammar_file().read_text("utf-8"))
    assert write_tables(made, tmp_path / "new" / "tables.json")
    assert read_tables(tmp_path / "new" / "tables.json") == made


@pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b"0\n{}"])
def test_a_damaged_cache_is_not_read(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "tables.json"
    path.write_bytes(damage)
    assert read_tables(path) is None
    assert read_tables(tmp_path / "absent.json") is None


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "tables.json"
    write_tables(tables(), path)
    text = path.read_text("utf-8")
    path.write_text(text.replace('"file"', '"fill"', 1), "utf-8")
    assert read_tables(path) is None


def test_a_cache_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert not write_tables(tables(), tmp_path / "file" / "tables.json")
