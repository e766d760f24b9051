"""Files that are no programs: one clear message and exit code 1, 2 or 4."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.cli.conftest import Ebmc

COMMANDS = ("check", "fmt", "plan", "graph", "train")


def complaint(ebmc: Ebmc, *words: str, stdin: bytes = b"") -> tuple[int, str]:
    done = ebmc(*words, stdin=stdin)
    (message,) = done.stderr.splitlines()
    assert done.stdout == ""
    return done.exit_code, message


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_file(ebmc: Ebmc, tmp_path: Path, command: str) -> None:
    (tmp_path / "sparse_coding.ebm").touch()
    code, message = complaint(ebmc, command, str(tmp_path / "sparse_codin.ebm"))
    assert code == 2
    assert message.endswith(f"did you mean {tmp_path / 'sparse_coding.ebm'}?")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder(ebmc: Ebmc, tmp_path: Path, command: str) -> None:
    code, message = complaint(ebmc, command, str(tmp_path))
    assert code == 2
    assert "is a folder" in message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"model a\0b", "byte 7 is zero"),
        (b"model caf\xe9", "not UTF-8 text: byte 9 is 0xe9"),
        (bytes(range(128, 256)) * 9, "not UTF-8 text: byte 0 is 0x80"),
        (b"# long\n" * 1_200_000, "larger than 4 MiB"),
    ],
)
def test_what_is_no_text(ebmc: Ebmc, tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "strange.ebm"
    path.write_bytes(data)
    for name, stdin in ((str(path), b""), ("-", data)):
        code, message = complaint(ebmc, "check", name, stdin=stdin)
        assert code == 1
        assert words in message


def test_random_bytes_never_crash(ebmc: Ebmc) -> None:
    for size in (1, 17, 300, 5000):
        done = ebmc("check", "-", stdin=random.Random(size).randbytes(size))
        assert done.exit_code == 1
        assert "bug" not in done.stderr


def test_nothing_outside_the_root_is_read(ebmc: Ebmc, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    secret = tmp_path / "secret.ebm"
    secret.write_text("model secret", "utf-8")
    link = inside / "link.ebm"
    link.symlink_to(secret)
    code, message = complaint(ebmc, "check", str(link), "--root", str(inside))
    assert code == 4
    assert "outside" in message
