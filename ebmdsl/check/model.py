"""The model: a program with every name resolved and every expression typed."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, final

from ebmdsl._record import record
from ebmdsl.concepts.facts import Curvature, Facts
from ebmdsl.concepts.pipes import Pipe
from ebmdsl.source.text import NOWHERE, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ebmdsl.concepts.kinds import (
        Constraint,
        Dataset,
        Field,
        Layer,
        Optimizer,
        Sampler,
        Schedule,
        Solver,
        Strategy,
        Transform,
    )
    from ebmdsl.concepts.marginals import Marginalizer
    from ebmdsl.concepts.shape import Shape
    from ebmdsl.expr.node import Node, Plate, Quantity
    from ebmdsl.syntax import ast


@final
@record
class Hyper:
    """A hyper-parameter with the value of this compilation."""

    name: str
    type: str
    value: Any
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Through:
    """A step of data that is computed from the main field, such as `dict.zhat`.

    `after` counts the transforms that come before it; `node` is its value of one sample.
    """

    after: int
    text: str
    node: Node


@final
@record
class Data:
    """A data set and the steps it goes through, with the fields that come out."""

    name: str
    dataset: Dataset
    transforms: tuple[Transform, ...]
    fields: tuple[Field, ...]
    through: tuple[Through, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def main(self) -> Field:
        """Return the field that the bare name of the data set stands for."""
        return next((each for each in self.fields if each.main), self.fields[0])


@final
@record
class Init:
    """How a parameter starts: a word with its options, or an expression of data statistics."""

    word: str
    options: tuple[Any, ...] = ()
    of: str = ""


@final
@record
class Drawn:
    """Where a contrastive point comes from: a sampler, a flip, other samples, a law, a node.

    `word` is what was written (`gibbs`, `flip`, `others`, `batch`, `queue`, `mine`, a law; it
    is empty for a value), `start` the value that it starts from or is made of.
    """

    word: str
    start: Node | None = None
    sampler: Sampler | None = None
    options: tuple[tuple[str, Any], ...] = ()


@final
@record
class Memory:
    """What a state remembers (`particles`, `queue`, `bank`, `ema`), of which value."""

    word: str
    of: Node | None = None
    options: tuple[tuple[str, Any], ...] = ()


@final
@record
class Declared:
    """A declared variable; `dims` names its dimensions, empty where they have no name."""

    quantity: Quantity
    shape: Shape
    plates: tuple[Plate, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    init: Init | None = None
    source: tuple[str, str] | None = None
    law: Init | None = None
    dims: tuple[str, ...] = ()
    memory: Memory | None = None
    drawn: Drawn | None = None
    frozen: tuple[int, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def whole(self) -> Shape:
        """Return the shape of all its numbers for one sample, plates first."""
        return (*(plate.size for plate in self.plates), *self.shape)

    @property
    def name(self) -> str:
        """Return the user's name for it."""
        return self.quantity.name

    @property
    def role(self) -> str:
        """Return how the user declared it."""
        return self.quantity.role


@final
@record
class Net:
    """A function with weights: its layers for the input shape it is used with.

    A net with several named `outputs` returns them laid end to end, in this order. It
    shares the weights of the nets that it is `made_of`; one that follows another net has a
    `memory` of how. `use` is where it was used first.
    """

    name: str
    layers: tuple[Layer, ...]
    input: Shape
    output: Shape
    facts: tuple[Facts, ...]
    weights: tuple[tuple[str, Shape], ...]
    outputs: tuple[tuple[str, Shape], ...] = ()
    made_of: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = field(default=(), compare=False)
    learned: bool = True
    memory: Memory | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    use: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def pipe(self) -> Pipe:
        """Return its layers as one."""
        return Pipe(self.layers)

    @property
    def names(self) -> frozenset[str]:
        """Name the nets whose weights it depends on, itself among them."""
        return frozenset({self.name, *self.made_of})

    def obedient(self, constraint: Constraint) -> tuple[str, ...]:
        """Name the weights that a constraint of the net is meant for: no biases, no gains."""
        return tuple(
            name
            for name, shape in self.weights
            if len(shape) > 1 and constraint.misfit(shape) is None
        )

    def weight_facts(self, input: Facts) -> Facts:
        """Return the facts of the output as a function of the weights, and of its input."""
        return _weight_facts(self, input)


@final
@record
class Block:
    """A deterministic node, or a distribution (`random`), as declared."""

    role: str
    name: str
    node: Node
    inputs: tuple[str, ...]
    text: str
    random: bool = False
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Term:
    """A term of the energy, or of training only: one scalar per sample, plates summed."""

    kind: Literal["cost", "regularizer", "loss"]
    name: str
    node: Node
    inputs: tuple[str, ...]
    text: str
    plates: tuple[Plate, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def in_energy(self) -> bool:
        """Tell whether the term is part of the energy, and not of training only."""
        return self.kind != "loss"


@final
@record
class Infer:
    """How latents disappear, or how observed variables are found (`predict`).

    `posterior` names the distribution of `with variational(q)`; `starts` are the first, the
    last and the number of values that a search begins from; `annealed` is beta where it
    changes during training.
    """

    kind: Literal["infer", "predict"]
    names: tuple[str, ...]
    ring: Literal["minimize", "marginalize", "sample", "encode"]
    terms: Node | None = None
    beta: float = 1.0
    annealed: Node | None = None
    solver: Solver | None = None
    sampler: Sampler | None = None
    marginalizer: Marginalizer | None = None
    posterior: str = ""
    gradient: str = ""
    kept: int = 0
    start: Node | None = None
    starts: tuple[float, float, int] | None = None
    encoded: Node | None = None
    method: Span = field(default=NOWHERE, compare=False, repr=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Train:
    """One player: the parameters it moves and what for; a strategy until it is expanded."""

    names: tuple[str, ...]
    objective: Node | None
    strategy: Strategy | None
    optimizer: Optimizer | None
    every: int = 1
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Settings:
    """The training loop; `steps` wins over `epochs` where it is given.

    `on_failure` is what follows where a search ends without a proof: `warn`, `raise`, or
    `retry` by safer methods.
    """

    epochs: int = 10
    steps: int | None = None
    batch: int = 128
    seed: int = 0
    precision: int = 32
    restarts: int = 10
    on_failure: str = "warn"


@final
@record
class Measure:
    """A number to report, or a condition to expect, on a split."""

    name: str
    node: Node
    split: str
    text: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Plot:
    """A picture that the file asks for: its word and the names it is given.

    `nodes` are the values of the arguments, None for a net as such.
    """

    word: str
    arguments: tuple[str, ...]
    split: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)
    nodes: tuple[Node | None, ...] = ()


@final
@record
class Used:
    """A trained model that a program brings in: everything in it is frozen."""

    name: str
    path: str
    settings: tuple[tuple[str, Any], ...]
    model: Model
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Stage:
    """A stage of training: the program as it reads while this stage runs."""

    name: str
    model: Model
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Model:
    """A checked program. `origins` gives, for a node, every place where it was written."""

    name: str
    hypers: tuple[Hyper, ...]
    data: tuple[Data, ...]
    declared: tuple[Declared, ...]
    nets: tuple[Net, ...]
    blocks: tuple[Block, ...]
    terms: tuple[Term, ...]
    infers: tuple[Infer, ...]
    trains: tuple[Train, ...]
    settings: Settings
    reports: tuple[Measure, ...]
    expects: tuple[Measure, ...]
    plots: tuple[Plot, ...]
    file: ast.File = field(compare=False, repr=False)
    origins: Mapping[Node, tuple[Span, ...]] = field(compare=False, repr=False)
    schedules: tuple[tuple[str, Schedule], ...] = ()
    used: tuple[Used, ...] = ()
    stages: tuple[Stage, ...] = ()

    def find(self, name: str) -> Declared | None:
        """Return the declared variable of this name."""
        return next((each for each in self.declared if each.name == name), None)

    def with_role(self, *roles: str) -> tuple[Declared, ...]:
        """List the variables declared with one of these words."""
        return tuple(each for each in self.declared if each.role in roles)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Name everything that can be learned: parameters and nets with weights."""
        params = tuple(each.name for each in self.with_role("param"))
        return params + tuple(net.name for net in self.nets if net.weights and net.learned)

    @property
    def energy(self) -> tuple[Term, ...]:
        """List the terms of the energy."""
        return tuple(term for term in self.terms if term.in_energy)

    def origin(self, node: Node) -> Span | None:
        """Return the first place where a node was written, if it was."""
        spans = self.origins.get(node, ())
        return spans[0] if spans else None


def _weight_facts(net: Net, input: Facts) -> Facts:
    """Bound the degree: every layer with weights adds one, where all layers are affine."""
    smoothness = min(input.smoothness, *(facts.smoothness for facts in net.facts))
    low, high = net.facts[-1].low, net.facts[-1].high
    if input.degree is None or not all(facts.affine for facts in net.facts):
        return Facts(smoothness=smoothness, low=low, high=high)
    degree = input.degree + net.pipe.raised(net.input)
    curvature = Curvature.AFFINE if degree == 1 else Curvature.UNKNOWN
    return Facts(degree=degree, curvature=curvature, smoothness=smoothness, low=low, high=high)
