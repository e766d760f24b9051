"""What a picture shows besides the graph: words in their own sizes, badges, a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.render import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.render.diagram import Diagram, Flow, Node

Attributes = dict[str, str]


@final
@record
class Mark:
    """A text at a node, `dy` points above its center; it may replace the node's label."""

    node: str
    text: str
    dy: float
    look: Attributes
    replaces: bool = False


@final
@record
class Line:
    """A line of the title."""

    text: str
    look: Attributes


@final
@record
class Entry:
    """An entry of the legend: a swatch and what it means."""

    text: str
    look: Attributes
    swatch: Attributes


def marks(diagram: Diagram) -> tuple[Mark, ...]:
    """List the marks of all nodes."""
    return tuple(mark for node in diagram.nodes for mark in _of_node(node))


def _of_node(node: Node) -> Iterator[Mark]:
    if theme.is_circle(node.kind):
        yield from _under_circle(node)
        return
    light = theme.look(node.kind).shape != "box"
    size, up = (12.0, 6.0) if light else (theme.FORMULA_SIZE, 8.0)
    ink, faded = (theme.FADED, theme.FADED) if light else (theme.INK, theme.DIMMED)
    label = _type(theme.MATH, size=size, color=ink)
    yield Mark(node.id, node.label, up if node.sublabel else 0.0, label, True)
    if node.sublabel:
        words = _type(theme.WORDS, size=theme.SMALL_SIZE, color=faded)
        yield Mark(node.id, node.sublabel, -up - 1, words)


def _under_circle(node: Node) -> Iterator[Mark]:
    edge = -theme.CIRCLE * 36
    if node.badge:
        pill = {"shape": "box", "style": "rounded,filled", "fillcolor": theme.INK}
        room = {"margin": "0.06,0.02", "penwidth": "0", "height": "0.19", "width": "0.3"}
        text = _type(theme.WORDS, size=9.0, color=theme.PAPER)
        yield Mark(node.id, node.badge, edge, text | pill | room)
    if node.sublabel:
        words = _type(theme.WORDS, size=theme.SMALL_SIZE, color=theme.FADED)
        words |= {"style": "filled", "fillcolor": theme.PAPER, "penwidth": "0"}
        yield Mark(node.id, node.sublabel, edge - (17 if node.badge else 9), words)


def header(diagram: Diagram) -> tuple[Line, ...]:
    """Write the title: the model's name and its energy."""
    name = Line(diagram.title, _type(theme.TITLE, size=16.0, color=theme.INK))
    return (name, Line(diagram.formula, _type(theme.MATH, size=13.0, color=theme.DIMMED)))


def legend(diagram: Diagram) -> tuple[Entry, ...]:
    """Explain each look that the picture uses, once."""
    looks = {theme.look(node.kind).legend: node for node in reversed(diagram.nodes)}
    present = [looks[word] for word in theme.legend_order() if word in looks]
    entries = [_entry(node) for node in present]
    flows = {edge.flow for edge in diagram.edges}
    if "amortized" in flows:
        swatch = {**_swatch("box", "rounded,dashed"), "color": theme.look("encoder").line}
        entries.append(Entry("amortized guess", _small(), swatch))
    return (*entries, *(_arrow(text) for flow, text in _ARROWS.items() if flow in flows))


_ARROWS: dict[Flow, str] = {
    "stopped": "⇥  no gradient passes",
    "drawn": "⇢  where samples start",
    "remembered": "⇢  what is remembered",
    "contrast": "⇢  takes its place in F",
    "shared": "═  shared weights",
}


def _arrow(text: str) -> Entry:
    return Entry(text, _small(), _swatch("none", ""))


def _entry(node: Node) -> Entry:
    look = theme.look(node.kind)
    swatch = _swatch(look.shape, look.style)
    swatch |= {"fillcolor": look.fill, "color": look.line}
    if look.rings > 1:
        swatch |= {"peripheries": str(look.rings), "width": "0.07", "height": "0.07"}
    return Entry(look.legend, _small(), swatch)


def _swatch(shape: str, style: str) -> Attributes:
    width = {"circle": "0.17", "none": "0.01"}.get(shape, "0.28")
    size = {"width": width, "height": "0.17", "fixedsize": "true", "penwidth": "1.1"}
    return {"shape": shape, "style": style, **size}


def _small() -> Attributes:
    return _type(theme.WORDS, size=9.0, color=theme.FADED)


def _type(font: str, *, size: float, color: str) -> Attributes:
    return {"fontname": font, "fontsize": f"{size:g}", "fontcolor": color}
