"""Programs whose latents are summed out, with their free energies found in another way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, product

import numpy as np
import torch
from torch import Tensor

from ebmdsl.compilation import Compilation
from ebmdsl.lower.module import EnergyModule, lower
from ebmdsl.plan.plan import Plan
from ebmdsl.source.text import Source

SAMPLES = 3
Points = Callable[[], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Truth:
    """F, the mean and the covariance of the latents, by adding up everything.

    `spread` is the standard deviation of the products whose mean is the covariance.
    """

    value: Tensor
    mean: Tensor
    covariance: Tensor
    spread: Tensor


@dataclass(frozen=True)
class Case:
    """A program with `METHOD` and `BETA` to fill in, and points of equal volume."""

    name: str
    text: str
    points: Points
    modes: int = 1

    def plan(self, method: str, beta: float) -> Plan | None:
        """Return the plan with a method, or None where it is refused."""
        text = self.text.replace("METHOD", f"with {method}" if method else "")
        compilation = Compilation(Source("case.ebm", text.replace("BETA", str(beta))))
        return compilation.plan

    def reasons(self, method: str) -> list[str]:
        """Return what is said about a method."""
        text = self.text.replace("METHOD", f"with {method}").replace("BETA", "1")
        compilation = Compilation(Source("case.ebm", text))
        assert compilation.plan is None
        return [each.message for each in compilation.diagnostics.errors]

    def module(self, method: str, beta: float, dtype: torch.dtype = torch.float64) -> Model:
        """Return the program at work, with random parameters."""
        plan = self.plan(method, beta)
        assert plan is not None
        return Model(filled(lower(plan, dtype=dtype)), self, beta)


def filled(module: EnergyModule, seed: int = 3) -> EnergyModule:
    """Give every parameter a random value that its constraints allow."""
    rng = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(torch.randn(weight.shape, generator=rng, dtype=torch.float64) / 2)
    module.project(module.plan.model.parameters)
    return module


@dataclass(frozen=True)
class Model:
    """A program at work on a few samples."""

    module: EnergyModule
    case: Case
    beta: float

    @property
    def y(self) -> Tensor:
        """Return the samples."""
        rng = torch.Generator().manual_seed(1)
        drawn = torch.randn(SAMPLES, 2, generator=rng, dtype=torch.float64)
        return drawn.to(self.module.like.dtype)

    @property
    def name(self) -> str:
        """Return the name of the latent."""
        return self.module.plan.eliminations[0].names[0]

    def truth(self) -> Truth:
        """Add up all points, or a grid that is far finer and wider than it has to be."""
        points, volume = self.case.points()
        shape = self.module.plan.model.find(self.name)
        assert shape is not None
        latent = points.reshape(-1, *shape.whole)
        rows = [
            self.module.energy({"y": y.expand(len(points), -1), self.name: latent})
            for y in self.y
        ]
        logs = volume - self.beta * torch.stack(rows)
        shares = torch.softmax(logs, 1).detach()
        mean = shares @ points
        apart = points - mean.unsqueeze(1)
        covariance = torch.einsum("ns,nsi,nsj->nij", shares, apart, apart)
        squares = torch.einsum("ns,nsi,nsj->nij", shares, apart**2, apart**2)
        spread = (squares - covariance**2).clamp_min(0).sqrt()
        return Truth(-torch.logsumexp(logs, 1) / self.beta, mean, covariance, spread)


def grid(low: float, high: float, panels: int, d: int) -> Points:
    """Return Gauss-Legendre points of panels, one of which ends at 0, and their log volumes."""
    nodes, weights = (torch.from_numpy(x) for x in np.polynomial.legendre.leggauss(10))
    half = (high - low) / panels / 2
    centers = low + half * (2 * torch.arange(panels, dtype=torch.float64) + 1)
    line = (centers.unsqueeze(1) + half * nodes).flatten()
    volume = (half * weights).log().repeat(panels)

    def points() -> tuple[Tensor, Tensor]:
        cube = torch.cartesian_prod(*[line] * d).reshape(-1, d)
        return cube, torch.cartesian_prod(*[volume] * d).reshape(-1, d).sum(-1)

    return points


def states(values: list[list[float]], count: int) -> Points:
    """Return all joint states of entries that take these values each."""
    rows = [list(chain(*each)) for each in product(values, repeat=count)]
    table = torch.tensor(rows, dtype=torch.float64)
    return lambda: (table, torch.zeros(len(table), dtype=torch.float64))


def _case(name: str, body: str, points: Points, modes: int = 1) -> Case:
    head = "model case\nobserved y : real[2]\n"
    return Case(
        name, f"{head}{body}infer z by marginalize(beta = BETA) METHOD\n", points, modes
    )


PLANE = grid(-14, 14, 28, 2)
LINE = grid(-14, 14, 56, 1)
QUARTER = grid(0, 28, 28, 2)


def cases() -> list[Case]:
    """Return all cases."""
    return [*_continuous(), *_discrete()]


def _continuous() -> list[Case]:
    linear = "param W : real[2, 2]\ncost e = sq(y - W @ z) / 2\n"
    return [
        _case("linear", f"latent z : real[2]\n{linear}cost p = sq(z) / 2\n", PLANE),
        _case(
            "own matrices",
            "latent z : real[1]\nparam a : real\n"
            "cost e = sq(y[0] - y[1] * a * z) / 2\ncost p = sq(z) / 3\n",
            LINE,
        ),
        _case(
            "curved",
            "latent z : real[2]\nparam W : real[2, 2]\n"
            "cost e = sq(y - tanh(W @ z))\ncost p = sq(z) / 2\n",
            PLANE,
        ),
        _case(
            "two wells",
            "latent z : real[1]\nparam a : positive\n"
            "cost e = a * sum(z^4) / 8 - sq(z) / 2 - y[0] * sum(z)\n",
            LINE,
            modes=2,
        ),
        _case(
            "half lines",
            f"latent z : nonneg[2]\n{linear}cost p = sum(z) + sq(z) / 9\n",
            QUARTER,
        ),
        _case(
            "kinks", f"latent z : real[2]\n{linear}cost p = 0.7 * l1(z) + sq(z) / 4\n", PLANE
        ),
        _case(
            "space",
            "latent z : real[3]\nparam W : real[2, 3]\n"
            "cost e = sq(y - W @ z) / 2\ncost p = sq(z) + sum(logcosh(z)) / 5\n",
            grid(-8, 8, 8, 3),
        ),
    ]


def kinked() -> Case:
    """Return a program with a kink where no grid has a line of points."""
    return _case(
        "a kink across",
        "latent z : real[1]\nparam a : real\n"
        "cost e = abs(z[0] - y[0] - a * y[1]) + sq(z) / 4\n",
        grid(-14, 14, 20000, 1),
    )


def _discrete() -> list[Case]:
    pairs = "param A : real[5, 5]\nparam b : real[5]\nparam W : real[2, 5]\n"
    energy = "cost e = z @ A @ z - dot(b, z) + sq(y - W @ z) / 4\n"
    return [
        _case("bits", f"latent z : binary[5]\n{pairs}{energy}", states([[0.0], [1.0]], 5)),
        _case("spins", f"latent z : spin[5]\n{pairs}{energy}", states([[-1.0], [1.0]], 5)),
        _case(
            "units",
            "latent z : binary[5]\nparam W : real[2, 5]\nparam b : real[5]\n"
            "cost e = dot(b, z) - y @ W @ z\n",
            states([[0.0], [1.0]], 5),
        ),
        _case(
            "bits with a kink",
            "latent z : binary[3]\nparam w : real[3]\ncost e = abs(dot(w, z) - y[0])\n",
            states([[0.0], [1.0]], 3),
        ),
        _case(
            "choices",
            "latent z : onehot[2, 3]\nparam A : real[3, 3]\nparam W : real[2, 3]\n"
            "cost e = z[0] @ A @ z[1] + sq(y - W @ z[1]) / 2\n",
            states([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], 2),
        ),
    ]
