"""A diagram as DOT text, the same on every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.render import theme

if TYPE_CHECKING:
    from graphviz import Digraph

    from ebmdsl.render.diagram import Diagram, Edge, Node

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


_BESIDE = 2  # one weight above and one below; more of them stand at the sides


def dot(diagram: Diagram) -> str:
    """Write a diagram in the language of Graphviz."""
    from graphviz import Digraph

    graph = Digraph(diagram.title, graph_attr=_GRAPH, node_attr=_NODE, edge_attr=_EDGE)
    graph.attr(label=_escaped(f"{diagram.title}\n{diagram.formula}"), tooltip=diagram.title)
    _add_nodes(graph, diagram, within=())
    for edge in diagram.edges:
        if not edge.is_weight:
            _add_edge(graph, edge)
    _add_weights(graph, diagram)
    return graph.source


def _add_nodes(graph: Digraph, diagram: Diagram, *, within: tuple[str, ...]) -> None:
    from graphviz import Digraph

    users = _users(diagram)
    for node in diagram.directly_in(within):
        weights = [each for each in diagram.nodes if users.get(each.id) == node.id]
        if node.id not in users:
            _add_group(graph, node, weights=weights)
    for path, plate in diagram.inside(within):
        inside = Digraph("cluster_" + "_".join(path))
        inside.attr(label=_escaped(plate.label), tooltip=plate.label, **_PLATE)
        _add_nodes(inside, diagram, within=path)
        graph.subgraph(inside)


def _add_group(graph: Digraph, node: Node, *, weights: list[Node]) -> None:
    """Add a node and, above or below it, the weights that it is the first to use."""
    from graphviz import Digraph

    if not weights:
        graph.node(node.id, **node_attributes(node))
        return
    group = Digraph(f"cluster_with_{node.id}")
    group.attr(peripheries="0", margin="0", label="", tooltip=" ")
    for each in (node, *weights):
        group.node(each.id, **node_attributes(each))
    graph.subgraph(group)


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
        "width": f"{theme.width(node.kind):.3g}",
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
    if edge.leftward:
        if "arrowhead" in attributes:
            attributes["arrowtail"] = attributes.pop("arrowhead")
        graph.edge(edge.target, edge.source, dir="back", **attributes)
    else:
        graph.edge(edge.source, edge.target, **attributes)


def _add_weights(graph: Digraph, diagram: Diagram) -> None:
    """Join every weight to its users; it stands above or below the first of them."""
    edges = [edge for edge in diagram.edges if edge.is_weight]
    first = {edge.source: edge for edge in reversed(edges)}
    for edge in edges:
        mine = [each for each in first.values() if each.target == edge.target]
        if edge not in mine:
            graph.edge(edge.source, edge.target, constraint="false", **theme.flow(edge.flow))
        elif diagram.node(edge.target).plates or mine.index(edge) >= _BESIDE:
            _add_outside(graph, edge, number=mine.index(edge))
        else:
            alone = len(mine) == 1 and _is_one_of_several(diagram, edge)
            _add_beside(graph, edge, number=None if alone else mine.index(edge))


def _add_beside(graph: Digraph, edge: Edge, *, number: int | None) -> None:
    """Put a weight above or below its user; without a number Graphviz finds the side."""
    ends = (edge.source, edge.target)
    graph.body.append(f"\t{{rank=same; {'; '.join(map(_quoted, ends))}}}\n")
    if number is None:
        graph.edge(*ends, constraint="false", **theme.flow(edge.flow))
    else:
        below = edge.leftward == (number % 2 == 0)
        graph.edge(*(ends if below else reversed(ends)), **theme.flow(edge.flow))


def _add_outside(graph: Digraph, edge: Edge, *, number: int) -> None:
    """Put a weight outside of the plate of its user: beside it, then to its left and right."""
    if number == 0:
        _add_beside(graph, edge, number=None)
        return
    ends = (edge.source, edge.target) if number % 2 else (edge.target, edge.source)
    graph.edge(*ends, **theme.flow(edge.flow))


def _is_one_of_several(diagram: Diagram, edge: Edge) -> bool:
    """Tell whether several terms have weights: Graphviz finds the better side for each."""
    terms = {node.id for node in diagram.nodes if node.kind in ("cost", "regularizer", "loss")}
    weighted = {each.target for each in diagram.edges if each.is_weight} & terms
    return edge.target in weighted and len(weighted) > 1


def _users(diagram: Diagram) -> dict[str, str]:
    """Map every weight to the first thing that uses it, where no plate lies between them."""
    plates = {node.id: node.plates for node in diagram.nodes}
    first: dict[str, str] = {}
    for edge in diagram.edges:
        if edge.is_weight and plates[edge.source] == plates[edge.target]:
            first.setdefault(edge.source, edge.target)
    return first


def _escaped(text: str) -> str:
    """Write a text so that Graphviz reads no codes and no markup in it."""
    plain = text.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{plain} " if text.startswith("<") else plain


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '\\"') + '"'
