"""A diagram as Mermaid text, for pages that draw it themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.render import theme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.render.diagram import Diagram, Edge, Flow, Kind, Node

_ARROWS: dict[Flow, str] = {
    "flow": "-->",
    "stopped": "--x",
    "weight": "---",
    "shared": "---",
}
_BRACKETS = {
    "circle": ("((", "))"),
    "cylinder": ("[(", ")]"),
    "folder": ("[[", "]]"),
    "plaintext": ("[", "]"),
}


def mermaid(diagram: Diagram) -> str:
    """Write a diagram as a Mermaid flowchart."""
    names = {node.id: f"n{number}" for number, node in enumerate(diagram.nodes)}
    lines = ["---", f"title: {_quoted(diagram.title)}", "---", "flowchart LR"]
    lines += _nodes(diagram, names, within=())
    lines += [_edge(edge, names) for edge in diagram.edges]
    kinds: dict[Kind, None] = dict.fromkeys(node.kind for node in diagram.nodes)
    lines += [_look(kind) for kind in kinds]
    return "\n".join(lines) + "\n"


def _nodes(
    diagram: Diagram, names: dict[str, str], *, within: tuple[str, ...]
) -> Iterator[str]:
    indent = "  " * (len(within) + 1)
    for node in diagram.directly_in(within):
        yield f"{indent}{names[node.id]}{_shape(node)}:::{node.kind}"
    for path, plate in diagram.inside(within):
        yield f"{indent}subgraph {'_'.join(('plate', *path))} [{_quoted(plate.label)}]"
        yield from _nodes(diagram, names, within=path)
        yield f"{indent}end"


def _shape(node: Node) -> str:
    look = theme.look(node.kind)
    rounded = ("(", ")") if "rounded" in look.style else ("[", "]")
    opening, closing = _BRACKETS.get(look.shape, rounded)
    if look.rings > 1:
        opening, closing = "(((", ")))"
    lines = [node.label, " · ".join(word for word in (node.badge, node.sublabel) if word)]
    return opening + _quoted("<br>".join(_safe(line) for line in lines if line)) + closing


def _edge(edge: Edge, names: dict[str, str]) -> str:
    source, target = names[edge.source], names[edge.target]
    label = f"|{_quoted(_safe(edge.label))}|" if edge.label else ""
    return f"  {source} {_ARROWS.get(edge.flow, '-.->')}{label} {target}"


def _look(kind: Kind) -> str:
    look = theme.look(kind)
    line = f"  classDef {kind} fill:{look.fill},stroke:{look.line},color:{theme.INK}"
    if look.shape == "plaintext":
        return f"  classDef {kind} fill:none,stroke:none,color:{look.line}"
    return f"{line},stroke-dasharray:4 3" if "dashed" in look.style else line


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "#quot;") + '"'
