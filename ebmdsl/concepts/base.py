"""A concept is one word of the catalogue: one class, one file, found by its file name."""

from __future__ import annotations

import keyword
from abc import ABC
from importlib import import_module
from inspect import isabstract
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform, final

from ebmdsl._record import record
from ebmdsl.concepts.plugins import plugged, plugins

if TYPE_CHECKING:
    from collections.abc import Callable

_STD = Path(__file__).parent.parent / "std"


class Concept(ABC):
    """A word of the catalogue together with everything the compiler may know about it."""

    __slots__ = ()
    word: ClassVar[str]
    folder: ClassVar[str]


C = TypeVar("C", bound=Concept)


@final
class DuplicateWordError(TypeError):
    """Two classes of one kind claim the same word."""


_taken: dict[tuple[str, str], type[Concept]] = {}


@dataclass_transform(frozen_default=True)
def concept(word: str) -> Callable[[type[C]], type[C]]:
    """Make a class the meaning of `word`: a frozen dataclass whose fields are its options."""

    def declare(cls: type[C]) -> type[C]:
        made = record(cls)
        made.word = word
        _claim(made)
        return made

    return declare


def _claim(cls: type[Concept]) -> None:
    if isabstract(cls):
        missing = ", ".join(sorted(getattr(cls, "__abstractmethods__", ())))
        raise TypeError(f"{cls.__module__}.{cls.__qualname__} does not define {missing}")
    other = _taken.setdefault((cls.folder, cls.word), cls)
    if other.__module__ != cls.__module__:
        raise DuplicateWordError(
            f"`{cls.word}` is declared in {other.__module__} and in {cls.__module__}"
        )


def words(kind: type[Concept]) -> tuple[str, ...]:
    """List the words of a kind, by their file names and entry points; nothing is imported."""
    files = sorted((_STD / kind.folder).glob("*.py"))
    own = [file.stem.rstrip("_") for file in files if file.stem != "__init__"]
    return (*own, *(word for word in plugged(kind.folder) if word not in own))


def find(kind: type[C], word: str) -> type[C] | None:
    """Return the concept of this kind that `word` names, or None when there is none."""
    if not word.isidentifier() or word.startswith("_"):
        return None
    stem = f"{word}_" if keyword.iskeyword(word) else word
    if not (_STD / kind.folder / f"{stem}.py").is_file():
        return _installed(kind, word)
    module = import_module(f"ebmdsl.std.{kind.folder}.{stem}")
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, kind) and _means(value, word):
            return value
    raise TypeError(f"{module.__name__} declares no concept named `{word}`")


def _installed(kind: type[C], word: str) -> type[C] | None:
    """Load a word that an installed package declares."""
    entry = plugins().get((kind.folder, word))
    if entry is None:
        return None
    value: object = entry.load()
    if isinstance(value, type) and issubclass(value, kind) and _means(value, word):
        return value
    raise TypeError(f"the plug-in `{entry.value}` is no `{kind.folder}` named `{word}`")


def default(kind: type[C], word: str) -> C:
    """Return the concept that a word names, with all its options as they are by default."""
    found: Any = find(kind, word)
    if found is None:
        raise LookupError(f"the catalogue has no `{word}` among its {kind.folder}")
    return found()


def _means(cls: type[Concept], word: str) -> bool:
    return getattr(cls, "word", None) == word
