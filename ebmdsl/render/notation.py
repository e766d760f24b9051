"""A factor graph in the notation of the lectures: circles, rounded blocks and squares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ebmdsl.graph.factor_graph import plain
from ebmdsl.render.diagram import Diagram, Edge, Flow, Node, Plate
from ebmdsl.render.formula import formula, shortened, stopped, subscripts, symbol
from ebmdsl.render.theme import LONGEST
from ebmdsl.source.text import NOWHERE

if TYPE_CHECKING:
    from ebmdsl.concepts.shape import Shape
    from ebmdsl.expr.node import Plate as Axis
    from ebmdsl.graph.factor_graph import (
        Block,
        Factor,
        FactorGraph,
        Link,
        LinkKind,
        Variable,
    )
    from ebmdsl.source.text import Span

_BADGES = {
    "minimize": "min",
    "marginalize": "marginal",
    "sample": "sample",
    "encode": "encode",
}
_WEIGHTS = ("param", "state")
_FLOWS: dict[LinkKind, Flow] = {
    "start": "amortized",
    "posterior": "amortized",
    "encoded": "amortized",
    "drawn": "drawn",
    "remembered": "remembered",
    "copied": "remembered",
    "taken": "taken",
    "point": "contrast",
    "initial": "taken",
}
_NAMED: dict[LinkKind, str] = {
    "start": "start",
    "posterior": "q",
    "copied": "average",
    "initial": "init",
}


def diagram(graph: FactorGraph) -> Diagram:
    """Draw a factor graph: what is observed at the left, what is latent at the right."""
    frames = _frames(graph)
    nodes = [_variable(each) for each in graph.variables]
    nodes += [_block(each, graph) for each in graph.blocks]
    nodes += [_term(each, frames) for each in graph.factors]
    nodes = [_annotated(node, graph) for node in nodes]
    return Diagram(
        title=graph.name,
        formula=energy_line(graph),
        nodes=tuple(nodes),
        edges=tuple(_edges(graph)),
        plates=tuple(Plate(axis.index, _range(axis)) for axis in frames.values()),
    )


def _annotated(node: Node, graph: FactorGraph) -> Node:
    """Say which player moves it, where there are several, and in which stage it is known."""
    movers = [n for n, names in enumerate(graph.players, 1) if node.id in names]
    words = [f"player {n}" for n in movers if len(graph.players) > 1]
    stage = graph.stage(node.id)
    words += [f"in stage {stage}"] if stage else []
    return replace(node, sublabel=",  ".join([*filter(None, [node.sublabel]), *words]))


def energy_line(graph: FactorGraph) -> str:
    """Say in one line what the energy adds up and how the latents leave it."""
    names = [term.id for term in graph.energy]
    total = " + ".join(names) if len(names) <= 6 else f"the sum of {len(names)} terms"
    latents = [each for each in graph.variables if each.role == "latent"]
    known = [each.id for each in graph.variables if each.role in ("given", "observed")]
    inside = _symbols([*known, *(each.id for each in latents)])
    line = f"E({inside}) = {total or 0}"
    ways = {_operation(each) for each in latents}
    free = ways.pop() if len(ways) == 1 else ""
    if not free:
        return line
    over = _symbols([each.id for each in latents])
    return f"{line},   F({_symbols(known)}) = {free} over {over}"


def _operation(latent: Variable) -> str:
    """Write how the latent leaves the energy, where all of the energy takes part."""
    match latent.found:
        case "minimize":
            return "min E"
        case "marginalize":
            return f"−log {'Σ' if latent.domain.discrete else '∫'} exp(−E)"
        case _:
            return ""


def _symbols(names: Sequence[str]) -> str:
    shown = names if len(names) <= 5 else [*names[:3], "…", names[-1]]
    return ", ".join(symbol(name) for name in shown)


def _all(graph: FactorGraph) -> tuple[Variable | Block | Factor, ...]:
    return (*graph.variables, *graph.blocks, *graph.factors)


def _variable(variable: Variable) -> Node:
    if variable.role == "used":
        place = _place(f"use {variable.found}", variable.span)
        return Node(variable.id, "used", variable.id, sublabel=variable.found, tooltip=place)
    domain = "" if variable.domain.name == "real" else variable.domain.name
    words = [
        domain,
        _size(variable.shape),
        *(name.replace("_", " ") for name in variable.constraints),
    ]
    return Node(
        variable.id,
        variable.role,
        symbol(plain(variable.id)),
        sublabel=" ".join(word for word in words if word),
        badge=_badge(variable),
        tooltip=_place(f"{variable.role} {variable.id}", variable.span),
        plates=_plates(variable),
    )


def _badge(variable: Variable) -> str:
    way = variable.found.partition("(")[0]
    if variable.role == "negative":
        return "push up"
    return _BADGES.get(way, way) if variable.role == "latent" else "find" if way else ""


def _block(block: Block, graph: FactorGraph) -> Node:
    sign = "~" if block.random else "="
    full = f"{symbol(plain(block.id))} {sign} {formula(block.text)}"
    role = "" if block.role == "let" else block.role
    if block.role == "net":
        return _net(block)
    return Node(
        block.id,
        "distribution" if block.random else block.role,
        shortened(full, LONGEST),
        sublabel=f"{role} {_size(block.shape)}".strip(),
        tooltip=_place(f"{block.role} {block.id} {sign} {block.text}", block.span),
        plates=_plates(block),
        dashed=_is_amortized(block, graph),
    )


def _net(net: Block) -> Node:
    layers = shortened(formula(net.text), LONGEST)
    full = _place(f"net {net.id} = {net.text}", net.span)
    return Node(net.id, "net", symbol(net.id), sublabel=layers, tooltip=full)


def _term(term: Factor, frames: dict[str, Axis]) -> Node:
    shorter = [_range(axis) for axis in term.plates if axis != frames[axis.index]]
    return Node(
        term.id,
        term.kind,
        shortened(formula(term.text), LONGEST),
        sublabel=",  ".join([plain(term.id), *shorter]),
        tooltip=_place(f"{term.kind} {term.id} = {term.text}", term.span),
        plates=_plates(term),
    )


def _size(shape: Shape) -> str:
    return f"[{', '.join(map(str, shape))}]" if shape else ""


def _place(text: str, span: Span) -> str:
    return text if span == NOWHERE else f"{text}   ({span.source.name}:{span.line})"


def _plates(each: Variable | Block | Factor) -> tuple[str, ...]:
    return tuple(axis.index for axis in each.plates)


def _frames(graph: FactorGraph) -> dict[str, Axis]:
    """Find the longest range of every index: one frame holds the shorter ones as well."""
    frames: dict[str, Axis] = {}
    for axis in (axis for each in _all(graph) for axis in each.plates):
        known = frames.setdefault(axis.index, axis)
        low = min(known.low, axis.low)
        high = max(known.low + known.size, axis.low + axis.size)
        frames[axis.index] = replace(known, low=low, size=high - low)
    return frames


def _range(axis: Axis) -> str:
    return f"{axis.index} = {axis.low} … {axis.low + axis.size - 1}"


def _is_amortized(block: Block, graph: FactorGraph) -> bool:
    """Tell whether an encoder guesses a latent: a term compares the two, or nothing uses it."""
    latents = {each.id for each in graph.variables if each.role == "latent"}
    if block.role != "encoder" or not latents or block.id in _unknown_side(graph):
        return False
    terms = [term for term in graph.factors if block.id in term.inputs]
    return any(latents & set(term.inputs) for term in terms) or not _used(block, graph)


def _used(block: Block, graph: FactorGraph) -> bool:
    return any(block.id in each.inputs for each in (*graph.blocks, *graph.factors))


def _unknown_side(graph: FactorGraph) -> frozenset[str]:
    """Name what stands at the right: what depends on a latent, or on random draws alone."""
    alone = _reached(graph, ("random",)) - _reached(graph, ("given", "observed"))
    users = (*graph.blocks, *graph.factors)
    mixed = {name for user in users if user.id not in alone for name in user.inputs}
    noise = {each.id for each in graph.variables if each.role == "random"} & mixed
    return _reached(graph, ("latent",)) | (alone - noise)


def _reached(graph: FactorGraph, roles: tuple[str, ...]) -> frozenset[str]:
    found = {str(each.id) for each in graph.variables if each.role in roles}
    for _ in graph.blocks:
        found |= {block.id for block in graph.blocks if found & set(block.inputs)}
    return frozenset(found)


def _edges(graph: FactorGraph) -> Iterator[Edge]:
    unknown = _unknown_side(graph)
    weights = {each.id for each in graph.variables if each.role in _WEIGHTS}
    weights |= {each.id for each in graph.blocks if each.role == "net"}
    drawn = {each.id for each in (*graph.variables, *graph.blocks)}
    known = {block.id for block in graph.blocks} - unknown
    for user in (*graph.blocks, *graph.factors):
        inputs = tuple(dict.fromkeys(name for name in user.inputs if name in drawn))
        below = user.id not in known
        yield from (
            Edge(name, user.id, _binding(name, graph), leftward=below)
            for name in inputs
            if name in weights
        )
        values = tuple(name for name in inputs if name not in weights)
        met = user.id in unknown or not unknown.issuperset(values)
        for name in values:
            flow, lags = _flow(name, user, graph=graph), _lags(user, name)
            yield Edge(name, user.id, flow, lags, leftward=met and name in unknown)
    shown = [link for link in graph.links if _is_shown(link, graph)]
    yield from (_linked(link, unknown) for link in shown)
    yield from _guesses(graph)


def _binding(name: str, graph: FactorGraph) -> Flow:
    """Draw the weights of a net double where several functions share them."""
    users = [user for user in (*graph.blocks, *graph.factors) if name in user.inputs]
    nets = {block.id for block in graph.blocks if block.role == "net"}
    return "shared" if name in nets and len(users) > 1 else "weight"


def _is_shown(link: Link, graph: FactorGraph) -> bool:
    """Leave out that a node gives initial values where it is there for something else."""
    users = (*graph.blocks, *graph.factors)
    return link.kind != "initial" or not any(link.source in each.inputs for each in users)


def _linked(link: Link, unknown: frozenset[str]) -> Edge:
    label = _NAMED.get(link.kind, "")
    leftward = link.source in unknown and link.target not in unknown
    return Edge(link.source, link.target, _FLOWS[link.kind], label, leftward=leftward)


def _guesses(graph: FactorGraph) -> Iterator[Edge]:
    """Lead an encoder that nothing uses to the latent that it must be meant for."""
    linked = {link.source for link in graph.links}
    latents = [each for each in graph.variables if each.role == "latent"]
    for block in graph.blocks:
        alike = [each for each in latents if each.shape == block.shape]
        alone = not _used(block, graph) and block.id not in linked
        if block.role == "encoder" and alone and len(alike) == 1:
            yield Edge(block.id, alike[0].id, "amortized")


def _flow(name: str, user: Block | Factor, *, graph: FactorGraph) -> Flow:
    if stopped(user.text, name):
        return "stopped"
    amortized = {block.id for block in graph.blocks if _is_amortized(block, graph)}
    if amortized & {name, user.id}:
        return "amortized"
    losses = {term.id for term in graph.factors if term.kind == "loss"}
    return "training" if user.id in losses else "flow"


def _lags(user: Block | Factor, name: str) -> str:
    own = tuple(axis.index for axis in user.plates)
    used = subscripts(user.text, name)
    ordered = sorted(used) if all(each.isdigit() for each in used) else used
    return "" if used == (",".join(own),) else ", ".join(ordered)
