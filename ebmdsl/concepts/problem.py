"""The minimization problem as a solver sees it: facts before the run, tensors during it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ebmdsl.concepts.facts import Facts
    from ebmdsl.source.text import Span


@dataclass(frozen=True, slots=True)
class Accept:
    """A solver takes a problem: the estimated cost in multiply-adds per sample, and why."""

    cost: float
    reason: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Refuse:
    """A solver cannot take a problem: a sentence, and the source of the term at fault."""

    reason: str
    span: Span | None = None


Verdict = Accept | Refuse


@dataclass(frozen=True, slots=True)
class Rough:
    """A non-smooth term: how it is written, its prox (a Function's word) and its place.

    `obstacle` is empty when the prox of the term is known, else why it is not.
    """

    text: str
    word: str
    span: Span | None = None
    obstacle: str = ""
    gauge: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """What is proved about minimizing an energy over one group of latents.

    `smooth` are the facts of the smooth part, `rough` its non-smooth terms, `domain` the
    domain of the latents ("real", "nonneg", "onehot", …), `states` the number of joint
    states when all are discrete, `shared` whether the matrix of the quadratic part depends
    on parameters only, so that one factorization serves every sample. `evaluation` is the
    cost of one value of the smooth part in multiply-adds; `batch` is over how many samples
    the work on a shared matrix is spread.
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
        return float(self.size) ** 2 if self.quadratic else 3.0 * self.evaluation

    @property
    def obstacle(self) -> Rough | None:
        """Return the first non-smooth term without a known prox, if any."""
        return next((term for term in self.rough if term.obstacle), None)


class Hessian(Protocol):
    """A symmetric matrix: [d, d] when all samples share it, else [n, d, d]."""

    tensor: Tensor

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

    def once(self, key: str, make: Callable[[Tensor], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
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


class Objective(Protocol):
    """An objective over a batch: f smooth, g proximable; points are [n, d]."""

    @property
    def quadratic(self) -> Quadratic | None:
        """Return f as a quadratic where it is one."""
        ...

    @property
    def states(self) -> Tensor | None:
        """Return the joint states of discrete latents, [states, d]."""
        ...

    def smooth(self, z: Tensor) -> Tensor:
        """Return f, [n]."""
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

    def certificate(self, z: Tensor) -> Tensor:
        """Return how far from optimal z may be at most, relative and free of scale, [n]."""
        ...

    def rows(self, index: Tensor) -> Objective:
        """Return the objective of some of the samples."""
        ...

    def double(self) -> Objective:
        """Return the same objective in float64."""
        ...
