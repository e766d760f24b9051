"""Reading a program: the one place where a file can be missing, huge or no text at all."""

from __future__ import annotations

import sys
from pathlib import Path

from ebmdsl.cli.failures import Exit, StopError
from ebmdsl.cli.shell import Shell
from ebmdsl.source.text import Source

LIMIT = 4 * 1024 * 1024
STDIN = "-"


def read_source(name: str, shell: Shell) -> Source:
    """Read a program from a file, or from the standard input where the name is `-`."""
    if name == STDIN:
        return Source("<stdin>", decode(sys.stdin.buffer.read(LIMIT + 1), "<stdin>"))
    path = Path(name)
    _stay_inside(path, shell.root)
    return Source(name, decode(_read(path), name))


def decode(data: bytes, name: str) -> str:
    """Turn bytes into program text, or say why they are none."""
    if len(data) > LIMIT:
        raise StopError(f"{name} is larger than 4 MiB; that is no program", Exit.MODEL)
    if not data.strip():
        raise StopError(f"{name} is empty; a program starts with `model NAME`", Exit.MODEL)
    if (zero := data.find(b"\0")) >= 0:
        raise StopError(f"{name} is not text: byte {zero} is zero", Exit.MODEL)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is 0x{data[error.start]:02x}"
        raise StopError(f"{name} is not UTF-8 text: {where}", Exit.MODEL) from None


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise StopError(f"{path} is a folder{_programs_in(path)}", Exit.USAGE)
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except FileNotFoundError:
        raise StopError(f"{path} does not exist{_similar(path)}", Exit.USAGE) from None
    except OSError as error:
        raise StopError(f"cannot read {path}: {error.strerror}", Exit.USAGE) from None


def _stay_inside(path: Path, root: Path | None) -> None:
    if root is not None and not path.resolve().is_relative_to(root.resolve()):
        raise StopError(f"{path} is outside --root {root}", Exit.REFUSED)


def _programs_in(folder: Path) -> str:
    found = sorted(str(path) for path in folder.glob("*.ebm"))[:3]
    return f"; name a file in it, such as {' '.join(found)}" if found else "; name a file"


def _similar(path: Path) -> str:
    from difflib import get_close_matches

    near = [one.name for one in path.parent.glob("*.ebm")] if path.parent.is_dir() else []
    found = get_close_matches(path.name, near, n=1)
    return f"; did you mean {path.with_name(found[0])}?" if found else ""
