"""Factor graphs at random: any roles, plates and wiring that a program could declare."""

from __future__ import annotations

from hypothesis import strategies as st

from ebmdsl.expr.node import Plate
from ebmdsl.graph.factor_graph import Block, Factor, FactorGraph, Variable
from tests.render.sketches import BLOCKS, ROLES, TERMS, block, term, variable

PLATES: tuple[tuple[Plate, ...], ...] = (
    (),
    (Plate("t", 1, 5),),
    (Plate("t", 2, 4),),
    (Plate("j", 1, 3),),
    (Plate("t", 1, 5), Plate("j", 1, 3)),
)
plates = st.sampled_from(PLATES)


@st.composite
def graphs(draw: st.DrawFn) -> FactorGraph:
    """Draw a graph whose blocks use only what stands before them."""
    variables = [draw(a_variable(f"v{n}")) for n in range(draw(st.integers(1, 7)))]
    names: list[str] = [each.id for each in variables]
    blocks: list[Block] = []
    for number in range(draw(st.integers(0, 6))):
        blocks.append(draw(a_block(f"b{number}", names)))
        names.append(blocks[-1].id)
    terms = [draw(a_term(f"c{n}", names)) for n in range(draw(st.integers(1, 6)))]
    return FactorGraph("random", tuple(variables), tuple(blocks), tuple(terms))


@st.composite
def a_variable(draw: st.DrawFn, name: str) -> Variable:
    role = draw(st.sampled_from(ROLES))
    found = " minimize" if role == "latent" else ""
    return variable(f"{role} {name}{found}", (draw(st.integers(1, 999)),), plates=draw(plates))


@st.composite
def a_block(draw: st.DrawFn, name: str, names: list[str]) -> Block:
    role = draw(st.sampled_from(BLOCKS))
    if role == "net":
        return block(f"net {name} = linear(3) |> relu", "")
    inputs = draw(used(names))
    return block(
        f"{role} {name} = f({', '.join(inputs)})", " ".join(inputs), (3,), plates=draw(plates)
    )


@st.composite
def a_term(draw: st.DrawFn, name: str, names: list[str]) -> Factor:
    kind, inputs = draw(st.sampled_from(TERMS)), draw(used(names))
    text = f"{kind} {name} = sq({' + '.join(inputs)})"
    return term(text, " ".join(inputs), plates=draw(plates))


def used(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True)
