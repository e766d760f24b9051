"""The plan: an ordered list of eliminations, then the players that move the parameters."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Literal, final

from ebmdsl._record import record
from ebmdsl.source.text import NOWHERE

if TYPE_CHECKING:
    from ebmdsl.check.model import Model
    from ebmdsl.concepts.kinds import Function, Optimizer, Sampler, Solver
    from ebmdsl.concepts.marginals import Marginalizer
    from ebmdsl.concepts.problem import Problem
    from ebmdsl.expr.node import Node
    from ebmdsl.graph.factor_graph import FactorGraph
    from ebmdsl.plan.conjugate import Conjugate
    from ebmdsl.plan.kernels import Kernel
    from ebmdsl.plan.low_rank import LowRank
    from ebmdsl.plan.partition import Partition
    from ebmdsl.source.text import Span

Ring = Literal["minimize", "marginalize", "sample", "encode"]


@final
@record
class Rejected:
    """A method that was not chosen: why, and the source of the term at fault."""

    method: str
    reason: str
    span: Span | None = field(default=None, compare=False, repr=False)


@final
@record
class RoughTerm:
    """A non-smooth addend `weight * function(latent)`; the weight does not depend on it."""

    weight: Node
    function: Function
    latent: str


@final
@record
class Eliminate:
    """How one group of latents disappears.

    `objective` is what is minimized or summed: the energy, or some of its terms; `exact`
    tells whether it is the whole energy, so that F is the true free energy. It splits into
    `smooth` and the `rough` terms; of a variational bound `sampled` is what is averaged over
    draws. `annealed` is beta where it changes during training. `gradient` says what the
    answer is in a loss. A step without a `method` is `open`: its meaning is known, and nothing
    here can carry it out. A prediction has `starts`, the latents that are `joined` to what it
    finds, or those that disappear `inside`, at every point of its search; `places` is its
    energy place by place. Of several steps, each takes its `own` addends of the energy, and
    the free energy of the latents that are `nested` in it: they disappear anew wherever this
    step looks.
    """

    names: tuple[str, ...]
    ring: Ring
    method: str
    objective: Node
    exact: bool
    reason: str
    certificate: str
    problem: Problem | None = None
    solver: Solver | None = None
    safer: Solver | None = None
    marginalizer: Marginalizer | None = None
    sampler: Sampler | None = None
    smooth: Node | None = None
    rough: tuple[RoughTerm, ...] = ()
    sampled: Node | None = None
    magnitude: Node | None = None
    gradient: str = ""
    kept: int = 0
    beta: float = 1.0
    annealed: Node | None = None
    start: Node | None = None
    told: bool = False
    rejected: tuple[Rejected, ...] = ()
    starts: tuple[float, float, int] | None = None
    joined: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    places: Node | None = None
    own: Node | None = None
    nested: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def wanted(self) -> tuple[str, ...]:
        """Name what was asked for: not the latents that are found along with it."""
        return tuple(name for name in self.names if name not in self.joined)

    @property
    def open(self) -> bool:
        """Whether no method is known that carries it out."""
        return not self.method


@final
@record
class Move:
    """An exact step: some parameters go to where the energy is least, the others held.

    Least squares are the default; `coupling` tells which entries can meet there: those of one
    row, those of one column, or any. `low_rank` tells that a parameter acts only through its
    product with a latent, `conjugate` which other form has a known minimum.
    """

    names: tuple[str, ...]
    coupling: Literal["rows", "columns", "all"] = "all"
    low_rank: LowRank | None = None
    conjugate: Conjugate | None = None


@final
@record
class Update:
    """How one player moves its parameters: by exact steps in turn, or along a gradient."""

    names: tuple[str, ...]
    objective: Node
    method: Literal["alternation", "gradient"]
    reason: str
    optimizer: Optimizer | None = None
    every: int = 1
    moves: tuple[Move, ...] = ()
    envelope: bool = False
    rejected: tuple[Rejected, ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@final
@record
class Plan:
    """Everything that lowering needs, and the reasons that `ebmc plan` prints.

    `predictions` say how observed variables are found, `modes` how the minimizers are that
    reports ask for; `stages` are the plans of a program that is trained in stages, by name
    (it and they are `staged`), `openings` those of F where nodes are replaced.
    """

    model: Model
    graph: FactorGraph
    energy: Node
    eliminations: tuple[Eliminate, ...]
    updates: tuple[Update, ...]
    volume: tuple[str, ...]
    predictions: tuple[Eliminate, ...] = ()
    chains: tuple[tuple[str, Kernel], ...] = ()
    stages: tuple[tuple[str, Plan], ...] = ()
    openings: tuple[tuple[frozenset[str], Plan], ...] = ()
    staged: bool = False
    modes: tuple[Eliminate, ...] = ()
    partition: Partition | None = None

    def pretty(self) -> str:
        """Write the decisions as text, the same on every run."""
        lines = [f"plan {self.model.name}"]
        lines += [f"  eliminate {_step(each)}" for each in self.eliminations]
        lines += [f"  predict {_step(each)}" for each in self.predictions]
        lines += [f"  update {', '.join(u.names)}: {u.method}" for u in self.updates]
        lines += [f"  volume: {sentence}" for sentence in self.volume]
        text = "\n".join(lines) + "\n"
        return text + "".join(f"stage {name}: {each.pretty()}" for name, each in self.stages)


def _step(step: Eliminate) -> str:
    method = step.method or "no method yet"
    return f"{', '.join(step.names)} by {step.ring}: {method} ({step.certificate})"
