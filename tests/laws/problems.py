"""Minimization problems with known minima, on which every solver is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize, nnls
from sklearn.linear_model import Lasso
from torch import Tensor

from ebmdsl.concepts.domain import Domain
from ebmdsl.concepts.facts import Curvature, Facts, Smoothness
from ebmdsl.concepts.problem import Problem, Rough, States
from ebmdsl.concepts.sampling import sites_of
from ebmdsl.lower.objective import Box, Objective, Smooth, Term
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.std.functions.l1 import L1

Array = NDArray[np.float64]
M, D, N = 30, 12, 5
CONVEX = Facts(degree=2, curvature=Curvature.CONVEX, low=0)
L1_TERM = Rough("lam * l1(z)", "l1", gauge=True)


@dataclass(frozen=True)
class Fixture:
    """A problem, its objective over N samples, a start, and the minimum of every sample.

    Where there are `several` local minima the least value, or a bound of it, is given, which
    nothing falls below; `slack` is how well that is known.
    """

    name: str
    problem: Problem
    objective: Objective
    minimum: Tensor
    several: bool = False
    slack: float = 1e-9

    @property
    def start(self) -> Tensor:
        """Return zeros of the latents' size."""
        return torch.zeros(len(self.minimum), self.problem.size, dtype=torch.float64)


def fixtures() -> list[Fixture]:
    """Return all problems; the facts of each are what the compiler would prove."""
    pairs = [data(kind) for kind in DATA]
    names = list(DATA)
    both = list(zip(names, pairs, strict=True))
    return [
        *(_squares(name, w, y) for name, (w, y) in both),
        *(_lasso(name, w, y, nonneg=no) for name, (w, y) in both for no in (False, True)),
        *(_nonneg(name, w, y) for name, (w, y) in both),
        _ridge_and_lasso(),
        _own_matrices(),
        _logistic(),
        _double_well(),
        _obstructed(),
        _onehot(),
        _binary(),
        _counted(),
    ]


def _rng() -> torch.Generator:
    return torch.Generator().manual_seed(11)


def drawn(*shape: int) -> Tensor:
    """Return the same standard normal numbers every time."""
    return torch.randn(*shape, generator=_rng(), dtype=torch.float64)


def _plain() -> Tensor:
    w = drawn(M, D)
    return w / w.norm(dim=0)


def _stretched() -> Tensor:
    q, r = torch.linalg.qr(drawn(M, D)), torch.linalg.qr(drawn(D, D))
    scales = torch.logspace(0, -3, D, dtype=torch.float64)
    return (q[0] * scales) @ r[0].T


def _twins() -> Tensor:
    w = _plain()
    w[:, 1], w[:, 2] = w[:, 0], -w[:, 0]
    return w


DATA: dict[str, tuple[Callable[[], Tensor], float]] = {
    "plain": (_plain, 1),
    "condition number 1e6": (_stretched, 1),
    "duplicate columns": (_twins, 1),
    "zero data": (_plain, 0),
    "scale 1e-6": (_plain, 1e-6),
    "scale 1e+6": (_plain, 1e6),
}


def data(kind: str) -> tuple[Tensor, Tensor]:
    """Return a matrix, [M, D], and what is to be explained, [N, M]."""
    make, scale = DATA[kind]
    w = make()
    return w, scale * (2 * drawn(N, D) @ w.T + drawn(N, M) / 4)


def quadratic_of(w: Tensor, y: Tensor) -> Quadratic:
    """Return half the squared distance of `y` to `w z`."""
    return Quadratic(Hessian(w.T @ w), y @ w, (y**2).sum(-1) / 2)


def _squares(name: str, w: Tensor, y: Tensor) -> Fixture:
    best = np.linalg.lstsq(w.numpy(), y.T.numpy(), rcond=None)[0]
    left = ((y.T.numpy() - w.numpy() @ best) ** 2).sum(0) / 2
    problem = Problem(("z",), D, "real", CONVEX, shared=True)
    objective = Objective(smooth_part=quadratic_of(w, y), floor=0)
    return Fixture(f"squares, {name}", problem, objective, torch.from_numpy(left))


def _lasso(name: str, w: Tensor, y: Tensor, *, nonneg: bool) -> Fixture:
    lam = 0.1 * float((y @ w).abs().amax()) or 0.1
    weights = (lam * torch.linspace(0.5, 1, N, dtype=torch.float64)).contiguous()
    least = [lasso_of(w, one, float(a), nonneg) for one, a in zip(y, weights, strict=True)]
    domain = "nonneg" if nonneg else "real"
    problem = Problem(("z",), D, domain, CONVEX, (L1_TERM,), shared=True)
    objective = Objective(
        smooth_part=quadratic_of(w, y),
        terms=(Term(L1(), weights),),
        box=Box(low=0) if nonneg else None,
        floor=0,
    )
    label = f"lasso, {domain}, {name}"
    return Fixture(label, problem, objective, torch.tensor(least, dtype=torch.float64))


def lasso_of(w: Tensor, y: Tensor, lam: float, nonneg: bool) -> float:
    """Return the least energy of one lasso."""
    scale = float(y.norm()) or 1.0
    model = Lasso(
        alpha=lam / scale / len(y),
        fit_intercept=False,
        tol=1e-14,
        max_iter=1_000_000,
        positive=nonneg,
    ).fit(w.numpy(), y.numpy() / scale)
    z = torch.from_numpy(cast("Array", model.coef_)) * scale
    return float(((y - w @ z) ** 2).sum() / 2 + lam * z.abs().sum())


def _nonneg(name: str, w: Tensor, y: Tensor) -> Fixture:
    scale = float(y.norm()) or 1.0
    left = [cast("float", nnls(w.numpy(), one.numpy() / scale)[1]) * scale for one in y]
    minimum = torch.tensor(left, dtype=torch.float64) ** 2 / 2
    problem = Problem(("z",), D, "nonneg", CONVEX, shared=True)
    objective = Objective(smooth_part=quadratic_of(w, y), box=Box(low=0), floor=0)
    return Fixture(f"nonneg squares, {name}", problem, objective, minimum)


def _ridge_and_lasso() -> Fixture:
    """No floor is known and the constant is shifted below zero: the gap must factorize."""
    w, y = data("plain")
    quadratic = quadratic_of(torch.cat([w, 0.5 * torch.eye(D, dtype=torch.float64)]), _wide(y))
    lam = 0.1 * float(quadratic.linear.abs().amax())
    tall = torch.cat([w, 0.5 * torch.eye(D, dtype=torch.float64)])
    least = [lasso_of(tall, one, lam, False) for one in _wide(y)]
    shifted = Quadratic(quadratic.hessian, quadratic.linear, quadratic.constant - 500)
    term = Term(L1(), torch.tensor(lam, dtype=torch.float64))
    problem = Problem(("z",), D, "real", CONVEX, (L1_TERM,), shared=True)
    minimum = torch.tensor(least, dtype=torch.float64) - 500
    objective = Objective(smooth_part=shifted, terms=(term,))
    return Fixture("ridge and lasso, shifted", problem, objective, minimum)


def _wide(y: Tensor) -> Tensor:
    return torch.cat([y, torch.zeros(N, D, dtype=torch.float64)], 1)


def _own_matrices() -> Fixture:
    """Every sample has its own matrix."""
    w = drawn(N, M, D)
    y = (w @ drawn(N, D, 1)).squeeze(-1) + drawn(N, M)
    lam = 2.0
    linear = (w.mT @ y.unsqueeze(-1)).squeeze(-1)
    quadratic = Quadratic(Hessian(w.mT @ w), linear, (y**2).sum(-1) / 2)
    least = [lasso_of(one, goal, lam, False) for one, goal in zip(w, y, strict=True)]
    term = Term(L1(), torch.tensor(lam, dtype=torch.float64))
    problem = Problem(("z",), D, "real", CONVEX, (L1_TERM,))
    objective = Objective(smooth_part=quadratic, terms=(term,), floor=0)
    minimum = torch.tensor(least, dtype=torch.float64)
    return Fixture("lasso, own matrices", problem, objective, minimum)


def _logistic() -> Fixture:
    w, y = data("plain")

    def energy(z: Tensor, y: Tensor) -> Tensor:
        return torch.nn.functional.softplus(-y * (z @ w.T)).sum(-1) + (z**2).sum(-1) / 20

    smooth = Smooth(energy, (y,))
    least = [_minimum_of(energy, one) for one in y]
    facts = Facts(curvature=Curvature.CONVEX, low=0)
    problem = Problem(("z",), D, "real", facts, evaluation=M * D)
    minimum = torch.tensor(least, dtype=torch.float64)
    return Fixture("logistic", problem, Objective(smooth_part=smooth, floor=0), minimum)


def _minimum_of(energy: Callable[..., Tensor], y: Tensor) -> float:
    def value(z: Array) -> tuple[float, Array]:
        point = torch.from_numpy(z).unsqueeze(0).requires_grad_()
        found = energy(point, y.unsqueeze(0))[0]
        found.backward()
        assert point.grad is not None
        return float(found.detach()), point.grad[0].numpy()

    found = minimize(value, np.zeros(D), jac=True, method="BFGS", options={"gtol": 1e-10})
    return float(cast("float", found.fun))


def _double_well() -> Fixture:
    """Not convex, but every stationary point that descent reaches is a minimum."""

    def energy(z: Tensor, y: Tensor) -> Tensor:
        return (((z - y - 0.3) ** 2 - 1) ** 2).sum(-1)

    y = torch.zeros(N, D, dtype=torch.float64)
    problem = Problem(("z",), D, "real", Facts(degree=4, low=0), evaluation=4 * D)
    objective = Objective(smooth_part=Smooth(energy, (y,)), floor=0)
    return Fixture("double wells", problem, objective, torch.zeros(N, dtype=torch.float64))


def _obstructed() -> Fixture:
    """A kink whose prox is not known: no solver here may take it."""
    w, y = data("plain")
    rough = Rough("l1(S @ z)", "l1", obstacle="its argument mixes entries of `z`")
    problem = Problem(("z",), D, "real", CONVEX, (rough,), shared=True)
    objective = Objective(smooth_part=quadratic_of(w, y))
    return Fixture("obstructed", problem, objective, torch.zeros(N, dtype=torch.float64))


def _onehot() -> Fixture:
    w, y = data("plain")
    quadratic = quadratic_of(w, y)
    states = States(torch.eye(D, dtype=torch.float64), axes=True)
    least = ((y.unsqueeze(1) - w.T) ** 2).sum(-1).amin(-1) / 2
    facts = Facts(degree=2, curvature=Curvature.CONVEX, smoothness=Smoothness.ANALYTIC)
    problem = Problem(("z",), D, "onehot", facts, states=D, shared=True)
    return Fixture(
        "one-hot",
        problem,
        Objective(smooth_part=quadratic, states=states, sites=sites_of(Domain("onehot"), (D,))),
        least,
    )


def _grid() -> Tensor:
    return torch.tensor(list(product([0.0, 1.0], repeat=6)), dtype=torch.float64)


def _binary() -> Fixture:
    y, coupling = drawn(N, 6), drawn(6, 6)
    matrix = coupling + coupling.T
    constant = torch.zeros(N, dtype=torch.float64)
    points = _grid()
    least = ((points @ matrix * points).sum(-1) / 2 - y @ points.T).amin(-1)
    problem = Problem(("h",), 6, "binary", Facts(degree=2), states=64, shared=True)
    quadratic = Quadratic(Hessian(matrix), y, constant)
    objective = Objective(
        smooth_part=quadratic, states=States(points), sites=sites_of(Domain("binary"), (6,))
    )
    return Fixture("binary", problem, objective, least)


def _counted() -> Fixture:
    """A discrete latent in an energy that is no polynomial, with a rough term."""
    y, points = drawn(N, 6), _grid()

    def energy(z: Tensor, y: Tensor) -> Tensor:
        return torch.cos(z * y).sum(-1) + ((z * y).sum(-1) - 1).abs()

    term = Term(L1(), torch.tensor(0.3, dtype=torch.float64))
    each = [energy(points, one.expand(64, 6)) + 0.3 * points.sum(-1) for one in y]
    problem = Problem(("h",), 6, "binary", Facts(), (L1_TERM,), states=64)
    objective = Objective(
        smooth_part=Smooth(energy, (y,)),
        terms=(term,),
        states=States(points),
        sites=sites_of(Domain("binary"), (6,)),
    )
    return Fixture("counted", problem, objective, torch.stack(each).amin(-1))
