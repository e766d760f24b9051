"""How everything looks: colors that color-blind readers tell apart, fonts, sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING, final
from unicodedata import combining

from ebmdsl._record import record

if TYPE_CHECKING:
    from ebmdsl.render.diagram import Flow, Kind

MATH = "DejaVu Serif Italic"
WORDS = "DejaVu Sans"
TITLE = "DejaVu Sans Bold"
INK = "#222222"
DIMMED = "#4a4a4a"
FADED = "#6b6b6b"
PAPER = "#ffffff"
PLATE = "#8a8a8a"
CIRCLE = 0.72
FORMULA_SIZE = 15.0
SMALL_SIZE = 9.5
LONGEST = 34
_RING = 8 / 72


@final
@record
class Look:
    """The look of one kind of node: Graphviz shape and style, fill, outline, legend."""

    shape: str
    style: str
    fill: str
    line: str
    legend: str
    rings: int = 1


_LOOKS: dict[Kind, Look] = {
    "observed": Look("circle", "filled", "#c4c4c4", INK, "observed"),
    "given": Look("circle", "filled", "#c4c4c4", INK, "given", rings=2),
    "latent": Look("circle", "filled", PAPER, INK, "latent"),
    "random": Look("circle", "filled", "#fdf3cd", "#7a5c00", "random draw"),
    "negative": Look("circle", "filled,dashed", "#e9e9e9", INK, "contrastive point"),
    "state": Look("cylinder", "filled", "#efefef", FADED, "remembered"),
    "used": Look("folder", "filled", "#eef2e0", "#5d6b2a", "trained model"),
    "param": Look("plaintext", "", PAPER, FADED, ""),
    "net": Look("plaintext", "", PAPER, FADED, ""),
    "encoder": Look("box", "rounded,filled", "#d6e6f5", "#1f5a91", "function"),
    "decoder": Look("box", "rounded,filled", "#d6e6f5", "#1f5a91", "function"),
    "predictor": Look("box", "rounded,filled", "#d6e6f5", "#1f5a91", "function"),
    "generator": Look("box", "rounded,filled", "#d9ede4", "#12694c", "generator"),
    "let": Look("box", "rounded,filled", "#f3f7fb", "#6f93b5", "function"),
    "distribution": Look("box", "rounded,filled", "#eae3f5", "#5b3a8c", "distribution"),
    "cost": Look("box", "filled", "#ee8f7d", "#8f1f0e", "cost"),
    "regularizer": Look("box", "filled", "#fbdcc4", "#a8560f", "regularizer"),
    "loss": Look("box", "filled,dashed", PAPER, "#8f1f0e", "loss, not in E"),
}
_FLOWS: dict[Flow, dict[str, str]] = {
    "flow": {},
    "amortized": {"style": "dashed", "color": "#1f5a91"},
    "training": {"style": "dashed", "color": "#8f1f0e"},
    "stopped": {"arrowhead": "normaltee"},
    "drawn": {"style": "dotted", "penwidth": "1.6"},
    "remembered": {"style": "dotted", "penwidth": "1.6", "color": FADED},
    "taken": {"color": "#5d6b2a"},
    "contrast": {
        "style": "dotted",
        "penwidth": "1.6",
        "color": "#8f1f0e",
        "constraint": "false",
    },
    "weight": {"color": "#b0b0b0", "penwidth": "0.9", "dir": "none"},
    "shared": {"color": "#b0b0b0:#ffffff:#b0b0b0", "penwidth": "0.9", "dir": "none"},
}


def look(kind: Kind) -> Look:
    """Return the look of a kind of node."""
    return _LOOKS[kind]


def flow(name: Flow) -> dict[str, str]:
    """Return the Graphviz attributes of a kind of arrow."""
    return dict(_FLOWS[name])


def is_circle(kind: Kind) -> bool:
    """Tell whether a kind is drawn as a circle: a variable in the narrow sense."""
    return _LOOKS[kind].shape == "circle"


def width(kind: Kind) -> float:
    """Return the width of a circle in inches; a second ring stays inside of it."""
    return CIRCLE - (_RING if _LOOKS[kind].rings > 1 else 0.0)


def letter_size(letters: int) -> float:
    """Choose the size at which a name of so many letters fits into a circle."""
    sizes = {1: 24.0, 2: 22.0, 3: 17.0, 4: 14.0, 5: 12.0, 6: 11.0}
    return sizes.get(max(letters, 1), 9.0)


def letters(text: str) -> int:
    """Count the letters of a name; a hat over a letter takes no room."""
    return sum(combining(letter) == 0 for letter in text)


def legend_order() -> tuple[str, ...]:
    """List the words of the legend in the order in which they are shown."""
    return tuple(dict.fromkeys(look.legend for look in _LOOKS.values() if look.legend))
