"""Small files in the formats of published data sets, for a data folder of a test."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ebmdsl.std.datasets import fashion_mnist, mnist

COUNTS = {"train": 20, "t10k": 12}


def idx(array: NDArray[np.uint8]) -> bytes:
    """Write an array as LeCun's idx format does."""
    sizes = np.array(array.shape, ">u4").tobytes()
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def files() -> dict[str, bytes]:
    """Return images and labels of both splits, by their published names."""
    rng = np.random.default_rng(0)
    found: dict[str, bytes] = {}
    for part, count in COUNTS.items():
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = (np.arange(count) % 10).astype(np.uint8)
        found |= {f"{part}-images-idx3-ubyte": idx(images)}
        found |= {f"{part}-labels-idx1-ubyte": idx(labels)}
    return found


def fill(folder: Path) -> None:
    """Write both data sets into a data folder."""
    inside = folder / fashion_mnist.INSIDE
    inside.mkdir(parents=True)
    with tarfile.open(folder / mnist.FILE, "w:gz") as archive:
        for name, content in files().items():
            member = tarfile.TarInfo(f"package/data/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
            (inside / f"{name}.gz").write_bytes(gzip.compress(content))
