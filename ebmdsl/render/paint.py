"""Runs alone, in a process of its own: DOT and marks in, a picture out."""

from __future__ import annotations

import json
import sys
from typing import Any

Json = dict[str, Any]
_TEXT = {"shape": "plaintext", "margin": "0", "width": "0", "height": "0", "style": ""}
_GAP, _LINE = 16.0, 20.0
_SWATCH = {"circle": 13.0, "box": 21.0, "cylinder": 21.0, "folder": 21.0, "none": 0.0}


def main() -> None:
    """Read a request from stdin, write the picture to stdout."""
    request: Json = json.load(sys.stdin)
    sys.stdout.buffer.write(paint(request))


def paint(request: Json) -> bytes:
    """Lay the graph out, then put the marks, the title and the legend where there is room."""
    from pygraphviz import AGraph

    graph: Any = AGraph(string=request["dot"])
    graph.graph_attr["label"] = ""
    graph.graph_attr["outputorder"] = "edgesfirst"
    for node in graph.nodes_iter():
        node.attr["xlabel"] = ""
    graph.layout(prog="dot")
    for number, mark in enumerate(request["marks"]):
        _put_mark(graph, mark, name=f"mark {number}")
    _put_header(graph, request["header"])
    _put_legend(graph, request["legend"])
    graph.graph_attr["dpi"] = request["dpi"]
    picture: bytes = graph.draw(format=request["format"], prog="nop2")
    return picture


def _put_mark(graph: Any, mark: Json, *, name: str) -> None:
    node = graph.get_node(mark["node"])
    if mark["replaces"]:
        node.attr["label"] = ""
        node.attr["fixedsize"] = "true"
    x, y = map(float, node.attr["pos"].split(","))
    look = {**mark["look"], "tooltip": node.attr["tooltip"]}
    _put(graph, name, text=mark["text"], at=(x, y + mark["dy"]), look=look)


def _put_header(graph: Any, lines: list[Json]) -> None:
    left, _, _, top = _box(graph)
    y = top + 22 + _LINE * len(lines)
    for number, (line, width) in enumerate(zip(lines, _widths(lines), strict=True)):
        y -= _LINE
        at = (left + width / 2, y)
        _put(graph, f"header {number}", text=line["text"], at=at, look=line["look"])


def _put_legend(graph: Any, entries: list[Json]) -> None:
    left, bottom, right, _ = _box(graph)
    x, y = left, bottom - 26
    for number, (entry, width) in enumerate(zip(entries, _widths(entries), strict=True)):
        swatch = _SWATCH[entry["swatch"]["shape"]]
        if x > left and x + swatch + width > max(right, left + 330):
            x, y = left, y - _LINE
        at = (x + swatch / 2, y)
        _put(graph, f"swatch {number}", text="", at=at, look=entry["swatch"])
        x += swatch + 5
        _put(
            graph,
            f"words {number}",
            text=entry["text"],
            at=(x + width / 2, y),
            look=entry["look"],
        )
        x += width + _GAP


def _put(
    graph: Any, name: str, *, text: str, at: tuple[float, float], look: dict[str, str]
) -> None:
    label = text.replace("\\", "\\\\") + (" " if text.startswith("<") else "")
    graph.add_node(name, label=label, pos=f"{at[0]:.2f},{at[1]:.2f}", **{**_TEXT, **look})


def _box(graph: Any) -> tuple[float, float, float, float]:
    left, bottom, right, top = map(float, graph.graph_attr["bb"].split(","))
    heights = [float(node.attr["pos"].split(",")[1]) for node in graph.nodes_iter()]
    return left, min(bottom, *(y - 6 for y in heights)), right, top


def _widths(texts: list[Json]) -> list[float]:
    """Measure texts in points, in the fonts in which they will be drawn."""
    from pygraphviz import AGraph

    ruler: Any = AGraph()
    for number, text in enumerate(texts):
        ruler.add_node(str(number), label=text["text"], **{**_TEXT, **text["look"]})
    ruler.layout(prog="dot")
    return [72 * float(ruler.get_node(str(n)).attr["width"]) for n in range(len(texts))]


if __name__ == "__main__":
    main()
