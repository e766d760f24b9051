"""The minimization problem as a solver sees it: facts before the run, tensors during it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import TYPE_CHECKING, Protocol, final

from ebmdsl._record import record
from ebmdsl.concepts.domain import BOUNDS
from ebmdsl.concepts.parts import KINDS, Part, Rough

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ebmdsl.concepts.blocks import Block, Couplings
    from ebmdsl.concepts.factors import Factors
    from ebmdsl.concepts.facts import Facts
    from ebmdsl.concepts.interactions import Interactions
    from ebmdsl.concepts.kinds import Solver
    from ebmdsl.concepts.sampling import Site
    from ebmdsl.source.text import Span


class Course(Enum):
    """When a solver is done: at its certificate, after a count of steps, or at once."""

    CERTIFIED = "certified"
    COUNTED = "counted"
    DIRECT = "direct"
    EXACT = "exact"


@final
@record
class Budget:
    """How long a solver may run; `tol` is what the user wrote, if anything.

    `DIRECT` solvers answer in `init` and are checked by the certificate; `EXACT` ones need
    no check because they have seen every candidate.
    """

    course: Course
    steps: int = 0
    tol: float | None = None

    def __post_init__(self) -> None:
        if self.steps < 0:
            raise ValueError(f"`steps` is at least 0, not {self.steps}")
        if self.tol is not None and self.tol <= 0:
            raise ValueError(f"`tol` is above zero, not {self.tol:g}")


@final
@record
class Accept:
    """A solver takes a problem: the estimated cost in multiply-adds per sample, and why.

    A `local` answer may be no minimum: it is chosen where nothing better takes the problem.
    """

    cost: float
    reason: str
    certificate: str
    local: bool = False


@final
@record
class Refuse:
    """A solver cannot take a problem: a sentence, and the source of the term at fault."""

    reason: str
    span: Span | None = None


Verdict = Accept | Refuse


ENTRIES = 2**26


@final
@record
class Problem:
    """What is proved about minimizing an energy over one group of latents.

    `smooth` are the facts of the smooth part, `rough` its non-smooth terms, `domain` the
    domain of the latents ("real", "nonneg", "onehot", …), `states` the number of joint
    states when all are discrete, `shared` whether the matrix of the quadratic part depends
    on parameters only, so that one factorization serves every sample. `evaluation` is the
    cost of one value of the smooth part in multiply-adds; `batch` is over how many samples
    the work on a shared matrix is spread. `kinked` names the nets whose own kinks (those of
    `relu`) the smooth part passes through: steps cross them, and no certificate covers them.
    `parts` are the latents one after the other. `magnitudes` are the facts of the non-smooth
    terms as one polynomial in the absolute values of the latents, where they are one of
    degree two at most without which no prox is known. `interactions` tell which entries of
    discrete latents meet.
    """

    latents: tuple[str, ...]
    size: int
    domain: str
    smooth: Facts
    rough: tuple[Rough, ...] = ()
    states: int | None = None
    shared: bool = False
    evaluation: float = 1.0
    batch: int = 256
    kinked: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    magnitudes: Facts | None = None
    isotropic: bool = False
    interactions: Interactions | None = None
    couplings: Couplings | None = None

    @property
    def sets(self) -> tuple[Part, ...]:
        """Return the parts; one for all where only the domain is known."""
        if self.parts:
            return self.parts
        low, high = BOUNDS.get(self.domain, BOUNDS["real"])
        why = "" if self.domain in KINDS else "its parts differ in kind"
        kind, name = KINDS.get(self.domain, "other"), ", ".join(self.latents)
        return (Part(name, self.size, self.domain, kind, low, high, obstacle=why),)

    @property
    def free(self) -> bool:
        """Whether every entry may be any real number."""
        return all(part.kind == "free" for part in self.sets)

    @property
    def boxed(self) -> bool:
        """Whether every entry has an interval of its own."""
        return all(part.kind in ("free", "orthant", "box") for part in self.sets)

    @property
    def bounded(self) -> Part | None:
        """Return the first latent that a step could take out of its set, if any."""
        return next((part for part in self.sets if part.kind != "free"), None)

    @property
    def unprojected(self) -> Part | None:
        """Return the first latent onto whose set no projection is known, if any."""
        bad = (part for part in self.sets if part.obstacle or part.kind == "discrete")
        return next(bad, None)

    @property
    def convex(self) -> bool:
        """Whether energy and sets are proved convex, so that what is found is the minimum."""
        sets = all(part.kind in ("free", "orthant", "box", "convex") for part in self.sets)
        bent = self.magnitudes is not None and not self.magnitudes.affine
        return self.smooth.convex and sets and not bent and all(t.convex for t in self.rough)

    @property
    def quadratic(self) -> bool:
        """Whether the smooth part is a polynomial of degree at most two."""
        return self.smooth.degree is not None and self.smooth.degree <= 2

    @property
    def discrete(self) -> bool:
        """Whether every latent takes finitely many values."""
        return self.states is not None

    @property
    def name(self) -> str:
        """Name the latents as a sentence does: `z`, or `z, u`."""
        return f"`{', '.join(self.latents)}`"

    @property
    def gradient(self) -> float:
        """Return the cost of one gradient of the smooth part, in multiply-adds per sample."""
        return float(self.size) ** 2 if self.has_matrix else 3.0 * self.evaluation

    @property
    def has_matrix(self) -> bool:
        """Whether the smooth part is a quadratic whose matrix is small enough to be held."""
        entries = self.size**2 * (1 if self.shared else self.batch)
        return self.quadratic and entries <= ENTRIES

    @property
    def certificate(self) -> str:
        """Name what proves an answer: the gap where a dual is known, else the slope."""
        if self.magnitudes is not None:
            return "relative size of the residual of the optimality conditions" + self._local
        if self.kinked:
            nets = ", ".join(f"`{net}`" for net in self.kinked)
            return f"relative length of a gradient step, away from the kinks of {nets}"
        if not self.has_dual:
            return "relative length of a gradient step" + self._local
        return "relative duality gap" if self.rough else "relative excess energy"

    @property
    def has_dual(self) -> bool:
        """Whether a duality gap is known: a convex quadratic plus gauges over a cone."""
        gauges = all(term.gauge for term in self.rough)
        cone = all(part.kind in ("free", "orthant") for part in self.sets)
        apart = not any(one.meets(other) for one, other in combinations(self.rough, 2))
        return self.has_matrix and self.smooth.convex and gauges and cone and apart

    @property
    def _local(self) -> str:
        return "" if self.convex else "; a local answer, for it is not proved convex"

    @property
    def clash(self) -> tuple[Rough, Rough] | None:
        """Return two terms on a common latent whose sum has no known prox, if any."""
        pairs = combinations(self.rough, 2)
        return next((p for p in pairs if p[0].meets(p[1]) and not p[0].joins(p[1])), None)

    @property
    def crossing(self) -> tuple[Rough, Part] | None:
        """Return a term and a set whose prox and projection do not combine, if any."""
        pairs = ((term, part) for term in self.rough for part in self.sets)
        return next((pair for pair in pairs if not pair[1].admits(pair[0])), None)

    @property
    def obstacle(self) -> Rough | None:
        """Return the first non-smooth term without a known prox, if any."""
        return next((term for term in self.rough if term.obstacle), None)


class Tunable(ABC):
    """A solver with a knob that slow samples turn, each by what it has seen of itself."""

    __slots__ = ()

    @abstractmethod
    def levels(self, objective: Objective, z: Tensor) -> Tensor:
        """Return how far each sample at z turns the knob, a whole number, [n]; 0: not."""

    @abstractmethod
    def tuned(self, level: int) -> Solver:
        """Return the solver with the knob turned."""


class Hessian(Protocol):
    """A symmetric matrix: [d, d] when all samples share it, else [n, d, d]."""

    @property
    def tensor(self) -> Tensor:
        """Return the matrix itself."""
        ...

    @property
    def shared(self) -> bool:
        """Whether one matrix serves every sample."""
        ...

    def times(self, z: Tensor) -> Tensor:
        """Return the product with every sample, [n, d]."""
        ...

    def largest(self) -> Tensor:
        """Bound the largest eigenvalue: [] when shared, else [n, 1]."""
        ...

    def solve(self, b: Tensor) -> Tensor:
        """Return the solution of Q z = b of least norm, [n, d]; the work is in float64."""
        ...

    def once(
        self, key: str, make: Callable[[Tensor], tuple[Tensor, ...]]
    ) -> tuple[Tensor, ...]:
        """Return what `make` computes from the matrix, computed once per matrix."""
        ...


class Quadratic(Protocol):
    r"""$f(z) = \tfrac12 z^\top Q z - b^\top z + c$ for n samples at once.

    `linear` is [n, d], `constant` is [n].
    """

    @property
    def hessian(self) -> Hessian:
        """Return Q."""
        ...

    @property
    def linear(self) -> Tensor:
        """Return b, [n, d]."""
        ...

    @property
    def constant(self) -> Tensor:
        """Return c, [n]."""
        ...


@final
@dataclass(frozen=True, slots=True, eq=False)
class States:
    """The joint states of discrete latents, [states, d]; `axes`: they are the unit vectors."""

    points: Tensor
    axes: bool = False


class Objective(Protocol):
    """An objective over a batch: f smooth, g proximable; points are [n, d]."""

    @property
    def quadratic(self) -> Quadratic | None:
        """Return f as a quadratic where it is one."""
        ...

    @property
    def states(self) -> States | None:
        """Return the joint states of discrete latents."""
        ...

    @property
    def sites(self) -> tuple[Site, ...]:
        """Return the entries that take few values, one after the other."""
        ...

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Return the entries of few values in blocks that are known to be independent."""
        ...

    @property
    def factors(self) -> Factors | None:
        """Return the tables of discrete latents, where their interactions are known."""
        ...

    @property
    def is_rough(self) -> bool:
        """Whether there is a non-smooth term."""
        ...

    @property
    def coupling(self) -> Quadratic | None:
        """Return the quadratic in absolute values that is part of g, if there is one."""
        ...

    @property
    def sparsity(self) -> int | None:
        """Return how many entries may differ from zero, where that is limited."""
        ...

    @property
    def is_separable(self) -> bool:
        """Whether g and the domain treat every entry by itself."""
        ...

    def smooth(self, z: Tensor) -> Tensor:
        """Return f, [n]."""
        ...

    def at(self, z: Tensor, *, samples: int) -> Tensor:
        """Return f + g of every sample at one point z, [d]; what samples share is done once."""
        ...

    def gradient(self, z: Tensor) -> Tensor:
        """Return the gradient of f, [n, d], as forward code."""
        ...

    def rough(self, z: Tensor) -> Tensor:
        """Return g, [n]; zero where there is none."""
        ...

    def prox(self, z: Tensor, step: Tensor) -> Tensor:
        """Return the proximal point of step * g (with the domain's indicator), [n, d]."""
        ...

    def entries(self, z: Tensor, step: Tensor, *, at: slice = slice(None)) -> Tensor:
        """Return the proximal point entry by entry, each with its own step: [n, d] or [d].

        With `at` these are only some columns of a point. For separable g and domains.
        """
        ...

    def curvature(self, z: Tensor) -> Tensor:
        """Return the second derivatives of f, [n, d, d]."""
        ...

    def clip(self, z: Tensor) -> Tensor:
        """Return the nearest point of the domain, [n, d]."""
        ...

    def certificate(self, z: Tensor) -> Tensor:
        """Return how far from optimal z may be at most, relative and free of scale, [n]."""
        ...

    def rows(self, index: Tensor) -> Objective:
        """Return the objective of some of the samples."""
        ...

    def double(self) -> Objective:
        """Return the same objective in float64."""
        ...
