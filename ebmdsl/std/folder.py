"""Data that a user puts into one folder: found by name, checked by hash, never fetched."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ebmdsl.std.fields import MissingDataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

VARIABLE = "EBMC_DATA"


def folder() -> Path:
    """Return where data files are kept: `$EBMC_DATA`, or `data` where the command runs."""
    return Path(os.environ.get(VARIABLE) or "data")


def supplied(name: str, command: str, *, sha256: str = "") -> Path:
    """Return a file of the folder; raise MissingDataError with the command that brings it."""
    path = folder() / name
    if not path.is_file():
        there = "" if folder().is_dir() else f"mkdir -p {folder()} && "
        raise MissingDataError(
            f"{path} is not there: bring it with `{there}cd {folder()} && {command}`, "
            f"or set {VARIABLE} to the folder that has it"
        )
    if sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise MissingDataError(f"{path} is not the file that was published: bring it again")
    return path


def idx(raw: bytes) -> NDArray[Any]:
    """Read the idx format of LeCun's digits: a header of sizes, then unsigned bytes.

    >>> idx(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 9])).tolist()
    [7, 9]
    """
    import numpy as np

    axes = raw[3]
    shape = np.frombuffer(raw, ">u4", axes, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)
