"""A factor graph in any form that it can be shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, assert_never, get_args

from ebmdsl.render.dot import dot
from ebmdsl.render.json import graph_json
from ebmdsl.render.mermaid import mermaid
from ebmdsl.render.notation import diagram
from ebmdsl.render.picture import picture

if TYPE_CHECKING:
    from ebmdsl.graph.factor_graph import FactorGraph

Form = Literal["dot", "json", "mmd", "txt", "svg", "png", "pdf"]
FORMS: tuple[Form, ...] = get_args(Form)


def draw(graph: FactorGraph, form: Form) -> str | bytes:
    """Write a graph as text (`dot`, `json`, `mmd`, `txt`) or draw it (`svg`, `png`, `pdf`)."""
    match form:
        case "dot":
            return dot(diagram(graph))
        case "json":
            return graph_json(graph)
        case "mmd":
            return mermaid(diagram(graph))
        case "txt":
            return graph.pretty()
        case "svg" | "png" | "pdf":
            return picture(diagram(graph), form)
        case _:
            assert_never(form)
