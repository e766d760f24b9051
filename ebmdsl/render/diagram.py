"""A diagram: what is drawn and what belongs together, not yet where."""

from __future__ import annotations

from typing import Literal, final

from ebmdsl._record import record

Kind = Literal[
    "given",
    "observed",
    "latent",
    "random",
    "negative",
    "state",
    "used",
    "param",
    "net",
    "encoder",
    "decoder",
    "predictor",
    "generator",
    "let",
    "distribution",
    "cost",
    "regularizer",
    "loss",
]
Flow = Literal[
    "flow",
    "amortized",
    "training",
    "stopped",
    "drawn",
    "remembered",
    "taken",
    "contrast",
    "weight",
    "shared",
]


@final
@record
class Node:
    """One thing drawn: a variable, a deterministic function or a term.

    `label` is its mathematics, `sublabel` the words under it, `badge` the sign on it (how a
    latent disappears); `plates` names the plates it stands in, the outermost first.
    """

    id: str
    kind: Kind
    label: str
    sublabel: str = ""
    badge: str = ""
    tooltip: str = ""
    plates: tuple[str, ...] = ()
    dashed: bool = False


@final
@record
class Edge:
    """An arrow from what is used to what uses it.

    A `leftward` edge points towards the observed side: its target is laid out on its left.
    """

    source: str
    target: str
    flow: Flow = "flow"
    label: str = ""
    leftward: bool = False

    @property
    def is_weight(self) -> bool:
        """Whether it joins weights to what uses them, which has no direction."""
        return self.flow in ("weight", "shared")


@final
@record
class Plate:
    """A frame around what is repeated."""

    id: str
    label: str


@final
@record
class Diagram:
    """A whole picture: its title, the energy in one line, and the things drawn."""

    title: str
    formula: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    plates: tuple[Plate, ...] = ()

    def node(self, name: str) -> Node:
        """Return the node of this name."""
        return next(node for node in self.nodes if node.id == name)

    def directly_in(self, path: tuple[str, ...]) -> tuple[Node, ...]:
        """List the nodes that stand in these plates and in no further one."""
        return tuple(node for node in self.nodes if node.plates == path)

    def inside(self, path: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], Plate], ...]:
        """List the plates directly inside these plates, each with its whole path."""
        depth = len(path)
        deeper = [node.plates for node in self.nodes if node.plates[:depth] == path]
        paths = dict.fromkeys(each[: depth + 1] for each in deeper if len(each) > depth)
        plates = {plate.id: plate for plate in self.plates}
        return tuple((each, plates[each[-1]]) for each in paths)
