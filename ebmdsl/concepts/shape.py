"""Shapes of one sample, and why two of them cannot meet."""

from __future__ import annotations

from math import prod
from typing import final

from ebmdsl._record import record

Shape = tuple[int, ...]


@final
@record
class Misfit:
    """Why arguments of these shapes cannot be accepted: a reason and, if known, a remedy.

    Where an option is at fault and not a shape, `option` names it; `known` are the words
    that it takes.
    """

    reason: str
    remedy: str = ""
    option: str = ""
    known: tuple[str, ...] = ()


def size(shape: Shape) -> int:
    """Count the numbers in one sample of this shape."""
    return prod(shape)


def is_scalar(shape: Shape) -> bool:
    """Tell whether a sample of this shape is a single number; any all-ones shape counts."""
    return size(shape) == 1


def show(shape: Shape) -> str:
    """Write a shape as a user would: `[144]`, `[1, 28, 28]`, `a scalar`."""
    return f"[{', '.join(map(str, shape))}]" if shape else "a scalar"


def joined(left: Shape, right: Shape) -> Shape | Misfit:
    """Return the shape of an elementwise operation; only scalars broadcast."""
    if is_scalar(left) and is_scalar(right):
        return max(left, right, key=len)
    if left == right or is_scalar(right):
        return left
    if is_scalar(left):
        return right
    return Misfit(f"{show(left)} cannot meet {show(right)}")


def layered(shapes: tuple[Shape, ...]) -> Shape | Misfit:
    """Return the shape of several pictures with their channels on top of each other."""
    if any(len(shape) != 3 or shape[1:] != shapes[0][1:] for shape in shapes):
        given = " and ".join(map(show, shapes))
        return Misfit(f"{given} are no pictures of one size", "bring them to one size first")
    return (sum(shape[0] for shape in shapes), *shapes[0][1:])


def windows(x: Shape, width: int, *, stride: int) -> Shape | Misfit:
    """Return the shape of one number for each window of a picture and each channel."""
    if len(x) != 3:
        return Misfit(f"{show(x)} is no picture of channels, height and width")
    refused = too_small(width=width, stride=stride)
    if refused is not None:
        return refused
    if width > min(x[1:]):
        return Misfit(f"a window of {width} is wider than {show(x)}")
    return (x[0], *((length - width) // stride + 1 for length in x[1:]))


def too_small(**options: int) -> Misfit | None:
    """Return why a count cannot be what it is: each is at least 1."""
    for name, count in options.items():
        if count < 1:
            return Misfit(f"`{name}` is at least 1, not {count}", option=name)
    return None
