"""A diagram as DOT text, the same on every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.render import theme

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphviz import Digraph

    from ebmdsl.render.diagram import Diagram, Edge, Node, Plate

_GRAPH = {
    "rankdir": "LR",
    "nodesep": "0.5",
    "ranksep": "0.55",
    "pad": "0.25",
    "bgcolor": theme.PAPER,
    "fontname": theme.WORDS,
    "fontcolor": theme.INK,
    "fontsize": "13",
    "labelloc": "t",
    "newrank": "true",
}
_NODE = {"fontname": theme.MATH, "fontcolor": theme.INK, "penwidth": "1.4"}
_EDGE = {
    "color": "#3a3a3a",
    "penwidth": "1.3",
    "arrowsize": "0.7",
    "fontname": theme.MATH,
    "fontsize": "11",
    "fontcolor": theme.FADED,
}
_PLATE = {
    "style": "rounded",
    "color": theme.PLATE,
    "fontname": theme.MATH,
    "fontsize": "11",
    "fontcolor": theme.FADED,
    "labelloc": "b",
    "labeljust": "r",
    "margin": "24",
}


def dot(diagram: Diagram) -> str:
    """Write a diagram in the language of Graphviz."""
    from graphviz import Digraph

    graph = Digraph(diagram.title, graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    graph.attr(label=_escaped(f"{diagram.title}\n{diagram.formula}"), tooltip=diagram.title)
    _add_nodes(graph, diagram, within=())
    for edge in diagram.edges:
        _add_edge(graph, edge)
    for level in _beside(diagram):
        graph.body.append(f"\t{{rank=same; {'; '.join(map(_quoted, level))}}}\n")
    return graph.source


def _add_nodes(graph: Digraph, diagram: Diagram, *, within: tuple[str, ...]) -> None:
    for node in diagram.nodes:
        if node.plates == within:
            graph.node(node.id, **node_attributes(node))
    depth = len(within)
    inner = dict.fromkeys(
        node.plates[: depth + 1]
        for node in diagram.nodes
        if len(node.plates) > depth and node.plates[:depth] == within
    )
    for path in inner:
        plate = next(plate for plate in diagram.plates if plate.id == path[-1])
        _add_plate(graph, diagram, path=path, plate=plate)


def _add_plate(
    graph: Digraph, diagram: Diagram, *, path: tuple[str, ...], plate: Plate
) -> None:
    with graph.subgraph(name="cluster_" + "_".join(path)) as inside:
        inside.attr(label=_escaped(plate.label), tooltip=plate.label, **_PLATE)
        _add_nodes(inside, diagram, within=path)


def node_attributes(node: Node) -> dict[str, str]:
    """Return the Graphviz attributes of a node."""
    look = theme.look(node.kind)
    style = f"{look.style},dashed" if node.dashed else look.style
    shown = {"tooltip": _escaped(node.tooltip or node.id), "shape": look.shape}
    if style:
        shown |= {"style": style, "fillcolor": look.fill, "color": look.line}
    if look.rings > 1:
        shown |= {"peripheries": str(look.rings)}
    if theme.is_circle(node.kind):
        return shown | _in_circle(node)
    return shown | _in_box(node)


def _in_circle(node: Node) -> dict[str, str]:
    below = " · ".join(word for word in (node.badge, node.sublabel) if word)
    return {
        "label": _escaped(node.label),
        "xlabel": _escaped(below),
        "fontsize": f"{theme.letter_size(theme.letters(node.label)):g}",
        "fixedsize": "true",
        "width": f"{theme.CIRCLE:g}",
    }


def _in_box(node: Node) -> dict[str, str]:
    text = "\n".join(line for line in (node.label, node.sublabel) if line)
    if theme.look(node.kind).shape == "box":
        return {"label": _escaped(text), "fontsize": f"{theme.FORMULA_SIZE:g}"}
    small = {"fontsize": "11", "fontcolor": theme.FADED, "width": "0", "height": "0"}
    return {"label": _escaped(text), "margin": "0.03", **small}


def _add_edge(graph: Digraph, edge: Edge) -> None:
    attributes = theme.flow(edge.flow)
    if edge.label:
        attributes["label"] = _escaped(f" {edge.label} ")
    if edge.flow == "weight":
        graph.edge(edge.source, edge.target, constraint="false", **attributes)
    elif edge.leftward:
        graph.edge(edge.target, edge.source, dir="back", **attributes)
    else:
        graph.edge(edge.source, edge.target, **attributes)


def _beside(diagram: Diagram) -> Iterable[tuple[str, str]]:
    """Pair every parameter with the first thing that uses it: they stand one above the other."""
    seen: set[str] = set()
    for edge in diagram.edges:
        if edge.flow == "weight" and edge.source not in seen:
            seen.add(edge.source)
            yield edge.source, edge.target


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"'
