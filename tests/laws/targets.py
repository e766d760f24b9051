"""Laws exp(-E / T) that are known exactly, on which every sampler is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import inf

import torch
from torch import Tensor

from ebmdsl.concepts.domain import Domain
from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.concepts.problem import Problem, Rough
from ebmdsl.concepts.sampling import Site, sites_of
from ebmdsl.lower.objective import Box, Objective, Smooth, Term
from ebmdsl.std.functions.l1 import L1

BOWL = Facts(degree=2, curvature=Curvature.CONVEX, low=0)
SMOOTH = Facts(smoothness=Smoothness.ANALYTIC)
MIXING = torch.tensor([[0.9, 0.0], [0.5, 0.8]], dtype=torch.float64)


@dataclass(frozen=True)
class Target:
    """A law over `points` that have these `weights`: all states, or a fine grid.

    `energy` takes [n, d] and `height`, a number for each of the n samples that is added to it
    (a sample with the height NaN is broken).
    """

    name: str
    problem: Problem
    energy: Callable[[Tensor], Tensor]
    points: Tensor
    sites: tuple[Site, ...] = ()
    box: Box | None = None
    terms: tuple[Term, ...] = ()

    def objective(self, height: Tensor) -> Objective:
        """Return what a sampler sees, with a height for each sample."""
        smooth = Smooth(lambda z, height: self.energy(z) + height * z.new_ones(z.shape[0]))
        smooth = Smooth(smooth.energy, (height,))
        return Objective(smooth_part=smooth, box=self.box, terms=self.terms, sites=self.sites)

    def weights(self, temperature: float = 1.0) -> Tensor:
        """Return the probability of every point."""
        height = torch.zeros(len(self.points), dtype=torch.float64)
        objective = self.objective(height)
        value = objective.value(self.points)
        return (-value / temperature).softmax(0)

    def draw(self, count: int, rng: torch.Generator, *, temperature: float = 1.0) -> Tensor:
        """Draw from the law itself; between the points of a grid, evenly."""
        chosen = torch.multinomial(self.weights(temperature), count, True, generator=rng)
        drawn = self.points[chosen]
        if self.problem.discrete:
            return drawn
        width = float(self.points[1, -1] - self.points[0, -1])
        shift = torch.rand(drawn.shape, generator=rng, dtype=torch.float64) - 0.5
        moved = drawn + width * shift
        return moved.abs() if self.box is not None else moved


def targets() -> list[Target]:
    """Return all laws; the facts of each are what the compiler would prove."""
    return [
        _bell(),
        _slanted(),
        _well(),
        _half_line(),
        _tent(),
        _discrete("bits", Domain("binary"), (4,)),
        _discrete("spins", Domain("spin"), (8,)),
        _discrete("choices", Domain("onehot", 4), (3, 4)),
        _discrete("signs", Domain("token", 5), (2,)),
    ]


def refused() -> list[Problem]:
    """Return problems that no sampler of the catalogue takes."""
    return [
        Problem(("z",), 3, "simplex", SMOOTH),
        Problem(("z",), 3, "sphere", SMOOTH),
        Problem(("z", "h"), 3, "mixed", SMOOTH),
    ]


def _line(low: float, high: float, *, count: int = 4001) -> Tensor:
    """Return the middles of equal cells."""
    edges = torch.linspace(low, high, count + 1, dtype=torch.float64)
    return ((edges[1:] + edges[:-1]) / 2).unsqueeze(-1)


def _bell() -> Target:
    problem = Problem(("z",), 1, "real", BOWL)
    points = _line(-6, 7)
    return Target("bell", problem, lambda z: ((z - 0.5) ** 2).sum(-1) / 1.28, points)


def _slanted() -> Target:
    """Two coordinates that hang together."""
    precision = torch.linalg.inv(MIXING @ MIXING.T)
    side = _line(-5, 5, count=400)[:, 0]
    points = torch.cartesian_prod(side, side)
    problem = Problem(("z",), 2, "real", BOWL)
    return Target("slanted", problem, lambda z: ((z @ precision) * z).sum(-1) / 2, points)


def _well() -> Target:
    """A law with two humps, one higher than the other."""

    def energy(z: Tensor) -> Tensor:
        return (z**4 / 4 - z**2 / 2 + z / 5).sum(-1)

    problem = Problem(("z",), 1, "real", Facts(degree=4), evaluation=6)
    return Target("well", problem, energy, _line(-5, 5))


def _half_line() -> Target:
    problem = Problem(("z",), 1, "nonneg", SMOOTH, evaluation=4)
    return Target(
        "half line",
        problem,
        lambda z: (z + z**2 / 4).sum(-1),
        _line(0, 10),
        box=Box(low=0, high=inf),
    )


def _tent() -> Target:
    """A kink where most of the law is."""
    rough = Rough("1.5 * l1(z)", "l1", gauge=True)
    problem = Problem(("z",), 1, "real", BOWL, (rough,))
    term = Term(L1(), torch.tensor(1.5, dtype=torch.float64))
    return Target("tent", problem, lambda z: (z**2).sum(-1) / 8, _line(-8, 8), terms=(term,))


def _discrete(name: str, domain: Domain, shape: tuple[int, ...]) -> Target:
    """Entries that interact in pairs and in a way that is no polynomial."""
    sites = sites_of(domain, shape)
    values = [[tuple(value) for value in site.values.tolist()] for site in sites]
    joined = [sum(each, ()) for each in product(*values)]
    points = torch.tensor(joined, dtype=torch.float64)
    rng = torch.Generator().manual_seed(5)
    size = points.shape[1]
    pairs = torch.randn(size, size, generator=rng, dtype=torch.float64) / 2
    field = torch.randn(size, generator=rng, dtype=torch.float64) / 2

    def energy(z: Tensor) -> Tensor:
        return ((z @ pairs) * z).sum(-1) / size + torch.sin(z @ field) - z @ field

    problem = Problem((name[0],), size, domain.name, SMOOTH, states=domain.states(shape))
    return Target(name, problem, energy, points, sites=sites)
