"""What datasets and transforms share: the main field, and where packages keep their files."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from ebmdsl.concepts.shape import Misfit, size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ebmdsl.concepts.kinds import Arrays, Field
    from ebmdsl.concepts.shape import Shape

PICTURE = "picture"
"""The domain of whole pictures: their sizes differ, so no variable can hold one."""

CLIP = "clip"
"""The domain of whole pieces of video, whose sizes differ too."""

UNCUT = (PICTURE, CLIP)


@final
class MissingDataError(FileNotFoundError):
    """A data file that an installed package should carry is not there."""


@final
class WrongDataError(OSError):
    """A data file is there, but what it holds is not what was said."""


def main_field(fields: tuple[Field, ...]) -> Field:
    """Return the one field that `from data` means."""
    return next(field for field in fields if field.main)


def no_numbers(fields: tuple[Field, ...], reason: str) -> Misfit | None:
    """Return a refusal if the samples are whole pictures, for a reason, or letters."""
    match main_field(fields).domain:
        case "token":
            return Misfit("the letters of an alphabet are not numbers")
        case domain if domain in UNCUT:
            return Misfit(reason, "cut `patches` first")
        case _:
            return None


def reshaped(fields: tuple[Field, ...], shape: Shape) -> tuple[Field, ...]:
    """Give the main field a new shape, keep the others."""
    return tuple(replace(field, shape=shape) if field.main else field for field in fields)


def unbounded(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Declare that the main field may take any real value, keep the others."""
    return tuple(_unbounded(field) if field.main else field for field in fields)


def _unbounded(field: Field) -> Field:
    domain = field.domain if field.domain in UNCUT else "real"
    return replace(field, domain=domain, low=-inf, high=inf)


def components(fields: tuple[Field, ...], k: int) -> tuple[Field, ...] | Misfit:
    """Declare `k` principal components in the place of the main field, or say why not."""
    refused = no_numbers(fields, "whole pictures have no principal components")
    if refused is not None:
        return refused
    most = size(main_field(fields).shape)
    if not 1 <= k <= most:
        return Misfit(f"there are {most} components, not {k}", option="k")
    return reshaped(unbounded(fields), (k,))


def others(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return the fields beside the main one."""
    return tuple(field for field in fields if not field.main)


def renamed(field: Field, name: str, *, main: str) -> Field:
    """Give a field another name; it is the main one if it has the name `main`."""
    return replace(field, name=name, main=name == main)


def classes_of(fields: tuple[Field, ...], name: str) -> int | None:
    """Return how many classes a one-hot field tells apart; None if it is not there."""
    found = (field for field in fields if field.name == name and field.domain == "onehot")
    return next((field.shape[0] for field in found if len(field.shape) == 1), None)


def only(arrays: Arrays) -> tuple[str, NDArray[Any]]:
    """Return the name and the array of the main field: all that a transform is handed."""
    ((name, array),) = arrays.items()
    return name, array


def packaged(package: str, path: str) -> Path:
    """Find a data file that ships inside an installed package, without importing it."""
    from importlib.util import find_spec

    spec = find_spec(package)
    folders = (spec.submodule_search_locations if spec else None) or ()
    for folder in folders:
        if (Path(folder) / path).is_file():
            return Path(folder) / path
    raise MissingDataError(
        f"the installed `{package}` does not carry {path}: reinstall the package"
    )
