"""One law for each fact: what is claimed is what is found by trying."""

from __future__ import annotations

from collections.abc import Callable

from ebmdsl.concepts.facts import Curvature, Monotone
from tests.laws import measure
from tests.laws.cases import Tried


def law_of_degree(view: Tried) -> None:
    """The differences of order degree + 1 vanish along lines, and no lower ones do."""
    assert measure.degree(view) == view.facts.degree


def law_of_curvature(view: Tried) -> None:
    """Chords lie above, below or on the function; where nothing is claimed, both occur."""
    found = measure.curvature(view)
    assert found is view.facts.curvature or _looser(view, found is not Curvature.UNKNOWN)


def law_of_smoothness(view: Tried) -> None:
    """Jumps, kinks and sudden bends are found where they are claimed, and nowhere else."""
    assert measure.smoothness(view) == view.facts.smoothness


def law_of_block(view: Tried) -> None:
    """Entries depend on entries, or meet in pairs, as claimed."""
    found = measure.block(view)
    assert found == view.facts.block or _looser(view, found < view.facts.block)


def law_of_monotone(view: Tried) -> None:
    """Raising entries raises or lowers the value as claimed."""
    found = measure.monotone(view)
    claimed = view.facts.monotone
    assert found is claimed or _looser(view, claimed is Monotone.NEITHER)


def law_of_low(view: Tried) -> None:
    """No value lies below the bound."""
    assert measure.bounds(view)[0] >= view.facts.low - 1e-12


def law_of_high(view: Tried) -> None:
    """No value lies above the bound."""
    assert measure.bounds(view)[1] <= view.facts.high + 1e-12


def law_of_leading(view: Tried) -> None:
    """A function by itself knows no names."""
    assert view.facts.leading == frozenset()


def law_of_lags(view: Tried) -> None:
    """A function by itself knows no sequences."""
    assert view.facts.lags == frozenset()


def _looser(view: Tried, claim: bool) -> bool:
    """Of all arguments together less may be claimed than is true."""
    return view.whole and claim


LAWS: dict[str, Callable[[Tried], None]] = {
    "degree": law_of_degree,
    "leading": law_of_leading,
    "lags": law_of_lags,
    "curvature": law_of_curvature,
    "smoothness": law_of_smoothness,
    "block": law_of_block,
    "monotone": law_of_monotone,
    "low": law_of_low,
    "high": law_of_high,
}
