"""The factor graph of a model: variables, deterministic nodes and terms."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, NewType, final

from ebmdsl._record import record
from ebmdsl.source.text import NOWHERE

if TYPE_CHECKING:
    from ebmdsl.concepts.domain import Domain
    from ebmdsl.concepts.shape import Shape
    from ebmdsl.expr.node import Node, Plate
    from ebmdsl.source.text import Span

VarId = NewType("VarId", str)
FactorId = NewType("FactorId", str)

VariableRole = Literal[
    "given", "observed", "latent", "param", "random", "state", "negative", "used"
]
BlockRole = Literal["encoder", "decoder", "predictor", "generator", "let", "net"]
TermKind = Literal["cost", "regularizer", "loss"]
LinkKind = Literal[
    "start",
    "posterior",
    "encoded",
    "drawn",
    "remembered",
    "copied",
    "taken",
    "point",
    "initial",
]


@final
@record
class Variable:
    """A variable of the model: its role, domain, shape per sample and plates.

    `found` says how a latent disappears ("minimize", "marginalize", "sample", "encode");
    it is empty for everything that is not inferred. In brackets stands what it does not do
    to the whole energy: `minimize(…)` minimizes some terms only.
    """

    id: VarId
    role: VariableRole
    domain: Domain
    shape: Shape
    plates: tuple[Plate, ...] = ()
    found: str = ""
    constraints: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Block:
    """A deterministic node: it computes `id` from `inputs` (variables or other blocks).

    `text` is the formula as written; `random` marks a distribution (`~`).
    """

    id: VarId
    role: BlockRole
    inputs: tuple[VarId, ...]
    text: str
    shape: Shape
    plates: tuple[Plate, ...] = ()
    random: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Factor:
    """A term: one scalar per sample of the variables and blocks in `inputs`.

    `node` is its expression in normal form over variables only; `text` is the formula as
    written; `scope` are the variables that `node` depends on.
    """

    id: FactorId
    kind: TermKind
    inputs: tuple[VarId, ...]
    node: Node
    text: str
    plates: tuple[Plate, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def scope(self) -> frozenset[str]:
        """Name the variables that the term depends on."""
        return self.node.names


@final
@record
class Link:
    """What the energy does not say: where a search starts, what a sampler or a state takes.

    A latent has a `start`, a `posterior` or is `encoded`; a contrastive point is `drawn` from
    what its sampler starts at; a state has `remembered` values, or is `copied` from a net;
    what comes out of a trained model is `taken` from it; a `point` takes the place of a
    variable where a loss asks for the energy elsewhere; a parameter may have `initial` values.
    """

    source: VarId
    target: VarId
    kind: LinkKind


@final
@record
class Goal:
    """What a `train` minimizes, as written, for those `players` that have it in common.

    `inputs` are what it names besides the energy and points of it; without any, all that it
    asks for is the energy at points.
    """

    id: FactorId
    inputs: tuple[VarId, ...]
    text: str
    players: tuple[int, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class FactorGraph:
    """Variables, blocks and factors in the order of the file.

    `players` are the parameters that each `train` moves, in order; `stages` tells in which
    stage something is declared that the rest of the program does not know, and `parts` holds
    the graph of every stage. What a stage declares anew has the stage in its id. `measured`
    names what nothing but a report, an expectation or a plot asks for.
    """

    name: str
    variables: tuple[Variable, ...]
    blocks: tuple[Block, ...]
    factors: tuple[Factor, ...]
    links: tuple[Link, ...] = ()
    players: tuple[tuple[str, ...], ...] = ()
    stages: tuple[tuple[str, str], ...] = ()
    goals: tuple[Goal, ...] = ()
    measured: tuple[str, ...] = ()
    parts: tuple[tuple[str, FactorGraph], ...] = ()

    def stage(self, name: str) -> str:
        """Return the only stage that declares something, or nothing."""
        return dict(self.stages).get(name, "")

    def variable(self, name: str) -> Variable | None:
        """Return the variable of this name."""
        return next((each for each in self.variables if each.id == name), None)

    @property
    def energy(self) -> tuple[Factor, ...]:
        """List the terms that make up the energy; losses are no part of it."""
        return tuple(factor for factor in self.factors if factor.kind != "loss")

    def pretty(self) -> str:
        """Write the graph as text, the same on every run."""
        lines = [f"graph {self.name}"]
        lines += [f"  {_variable(each)}" for each in self.variables]
        lines += [f"  {_block(each)}" for each in self.blocks]
        lines += [f"  {_factor(each)}" for each in self.factors]
        lines += [f"  {each.kind:<8} {each.source} -> {each.target}" for each in self.links]
        lines += [f"  player   {', '.join(names)}" for names in self.players]
        lines += [f"  goal     {each.text}" for each in self.goals]
        lines += [f"  stage    {name}: {stage}" for name, stage in self.stages]
        lines += [f"  measured {name}" for name in self.measured]
        return "\n".join(lines) + "\n"


def plain(name: str) -> str:
    """Return the name that a program uses for something that a stage declares anew.

    >>> plain("fake@large"), plain("fake")
    ('fake', 'fake')
    """
    return name.partition("@")[0]


def _variable(variable: Variable) -> str:
    size = f"[{', '.join(map(str, variable.shape))}]" if variable.shape else ""
    plates = "".join(f" over {plate.index}×{plate.size}" for plate in variable.plates)
    found = f" by {variable.found}" if variable.found else ""
    return f"{variable.role:<8} {variable.id} : {variable.domain.name}{size}{plates}{found}"


def _block(block: Block) -> str:
    sign = "~" if block.random else "="
    return f"{block.role:<8} {block.id} {sign} {block.text}   from {', '.join(block.inputs)}"


def _factor(factor: Factor) -> str:
    scope = ", ".join(sorted(factor.scope))
    return f"{factor.kind:<8} {factor.id} = {factor.text}   over {scope}"
