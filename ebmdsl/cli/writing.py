"""Writing files: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from ebmdsl.cli.failures import Exit, StopError


def write_file(path: Path, data: bytes) -> None:
    """Write a file at once, so that an interruption leaves the old one whole."""
    target = path.resolve()
    try:
        handle, fresh = tempfile.mkstemp(dir=target.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(fresh).chmod(_mode(target))
        Path(fresh).replace(target)
    except OSError as error:
        raise StopError(f"cannot write {path}: {error.strerror}", Exit.USAGE) from None


def show_file(path: Path) -> None:
    """Open a file with whatever the system shows it with."""
    click.launch(str(path))


def _mode(target: Path) -> int:
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
