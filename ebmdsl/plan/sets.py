"""The set of each latent: its domain and its constraints, and whether one can project."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.base import default
from ebmdsl.concepts.domain import BOUNDS
from ebmdsl.concepts.kinds import Constraint
from ebmdsl.concepts.parts import KINDS, Part
from ebmdsl.concepts.shape import size

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared
    from ebmdsl.concepts.parts import Kind

DOMAINS = ("simplex", "sphere")


def part_of(latent: Declared) -> Part:
    """Return a latent's part of the vector of a sample, with the set that it is in."""
    domain = latent.quantity.domain.name
    low, high = BOUNDS[domain] if KINDS[domain] in ("orthant", "box") else (-inf, inf)
    own = [default(Constraint, domain)] if domain in DOMAINS else []
    listed = (*own, *latent.constraints)
    ordered = sorted(listed, key=lambda each: not _entrywise(each))
    text = set_of(latent)
    if KINDS[domain] == "discrete":
        why = f"`{text}` is no plain {domain}" if latent.constraints else ""
        return Part(latent.name, size(latent.whole), text, "discrete", obstacle=why)
    kept = _without_needless_boxes(ordered)
    why = _obstacle(kept, low=low, high=high)
    if any(each.bounds[0] >= low and each.bounds[1] <= high for each in kept):
        low, high = -inf, inf
    kind = _kind(kept, low=low, high=high)
    return Part(latent.name, size(latent.whole), text, kind, low, high, tuple(kept), why)


def set_of(latent: Declared) -> str:
    """Name the set that a latent is in: its domain, or what it obeys beyond that."""
    domain = latent.quantity.domain.name
    listed = [constraint.word for constraint in latent.constraints]
    return f"{domain} with {' and '.join(listed)}" if listed else domain


def _entrywise(each: Constraint) -> bool:
    return isinstance(each, Projectable) and each.entrywise


def _without_needless_boxes(listed: list[Constraint]) -> list[Constraint]:
    """Leave out intervals that another set lies within, as the simplex in the orthant."""
    return [
        each
        for each in listed
        if not _entrywise(each) or not any(_inside(other, each) for other in listed)
    ]


def _inside(inner: Constraint, outer: Constraint) -> bool:
    held = inner.bounds[0] >= outer.bounds[0] and inner.bounds[1] <= outer.bounds[1]
    return held and not _entrywise(inner)


def _obstacle(listed: list[Constraint], *, low: float, high: float) -> str:
    """Say why the nearest point of the whole set is not known, if so."""
    for each in listed:
        if not isinstance(each, Projectable):
            return f"`{each.word}` does not say what is nearest to many samples at once"
    wide = [each for each in listed if not _entrywise(each)]
    if len(wide) > 1:
        return f"the nearest point that obeys `{wide[0].word}` and `{wide[1].word}` is unknown"
    ends = _ends(listed, low=low, high=high)
    if not wide or ends == (-inf, inf):
        return ""
    inside = wide[0].bounds[0] >= ends[0] and wide[0].bounds[1] <= ends[1]
    round_ = ends == (0, inf) and isinstance(wide[0], Projectable) and wide[0].orthant
    if inside or round_:
        return ""
    return f"the nearest point that obeys `{wide[0].word}` and its bounds is unknown"


def _ends(listed: list[Constraint], *, low: float, high: float) -> tuple[float, float]:
    boxes = [each.bounds for each in listed if _entrywise(each)]
    return max([low, *(box[0] for box in boxes)]), min([high, *(box[1] for box in boxes)])


def _kind(listed: list[Constraint], *, low: float, high: float) -> Kind:
    wide = [each for each in listed if not _entrywise(each)]
    if any(not isinstance(each, Projectable) or not each.convex for each in wide):
        return "other"
    if wide:
        return "convex"
    ends = _ends(listed, low=low, high=high)
    exact = all(each.word == "nonneg" for each in listed)
    kinds: dict[tuple[float, float], Kind] = {(-inf, inf): "free", (0, inf): "orthant"}
    return kinds.get(ends, "box") if exact else "box"
