"""Problems over sets, with groups, with few active entries or with a coupling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any, cast

import numpy as np
import torch
from scipy.optimize import brentq, lsq_linear, minimize
from torch import Tensor

from ebmdsl.concepts.facts import Block, Facts
from ebmdsl.concepts.parts import Part, Rough
from ebmdsl.concepts.problem import Problem
from ebmdsl.lower.objective import Objective, Term
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.lower.regions import Region, region_of
from ebmdsl.std.constraints.clip import Clip
from ebmdsl.std.constraints.simplex import Simplex
from ebmdsl.std.constraints.sparse import Sparse
from ebmdsl.std.constraints.sphere import Sphere
from ebmdsl.std.functions.group_l2 import GroupL2
from ebmdsl.std.functions.l0 import L0
from ebmdsl.std.functions.l1 import L1
from ebmdsl.std.functions.nuclear import Nuclear
from tests.laws.problems import CONVEX, D, Fixture, N, data, drawn, lasso_of, quadratic_of

SHARED = Problem(("z",), D, "real", CONVEX, shared=True)
LAM = 1.5
GROUPS = Rough("sum(group_l2(z, 3))", "group_l2", gauge=True, over=("z",), acts="groups")
NUCLEAR = Rough("nuclear(z)", "nuclear", gauge=True, over=("z",), acts="whole")
ENTRIES = Rough("l1(z)", "l1", gauge=True, over=("z",))
COUNT = Rough("l0(z)", "l0", over=("z",), convex=False)


def constrained() -> list[Fixture]:
    """Return all of these problems."""
    return [
        _bounded(),
        _mixed(),
        _simplex(),
        _sphere(),
        _groups(),
        _sparse_groups(),
        _nuclear(),
        _singular_values(),
        _price_of_entries(),
        _few_entries(),
        _price_of_entries_alone(),
        _apart(),
        _inhibition(),
    ]


def _number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def _stacked(values: list[float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _fixture(
    name: str, parts: tuple[Part, ...], minimum: list[float], *, slack: float = 1e-9
) -> Fixture:
    """Return least squares over sets."""
    w, y = data("plain")
    problem = replace(SHARED, latents=tuple(part.name for part in parts), parts=parts)
    objective = Objective(smooth_part=quadratic_of(w, y), regions=_regions(parts), floor=0)
    return Fixture(name, problem, objective, _stacked(minimum), slack=slack)


def _regions(parts: tuple[Part, ...]) -> tuple[Region, ...]:
    found: list[Region] = []
    for part in parts:
        first = found[-1].last if found else 0
        found.append(region_of(part, first=first, event=(part.size,)))
    return tuple(found)


def _within(low: list[float], high: list[float]) -> list[float]:
    w, y = data("plain")
    ends = (np.array(low), np.array(high))
    return [float(lsq_linear(w.numpy(), one.numpy(), bounds=ends, tol=1e-14).cost) for one in y]


def _bounded() -> Fixture:
    part = Part("z", D, "real with clip", "box", constraints=(Clip(-0.3, 0.5),))
    return _fixture("least squares in a box", (part,), _within([-0.3] * D, [0.5] * D))


def _mixed() -> Fixture:
    parts = (
        Part("u", 4),
        Part("v", 4, "nonneg", "orthant", low=0),
        Part("w", 4, "real with clip", "box", constraints=(Clip(-0.2, 0.2),)),
    )
    free = [np.inf] * 4
    low, high = [-np.inf] * 4 + [0.0] * 4 + [-0.2] * 4, free + free + [0.2] * 4
    return _fixture("three latents, three sets", parts, _within(low, high))


def _simplex() -> Fixture:
    w, y = data("plain")
    part = Part("z", D, "simplex", "convex", constraints=(Simplex(),))
    rules = ({"type": "eq", "fun": lambda z: z.sum() - 1},)
    least: list[float] = []
    for one in y:
        found = minimize(
            *_squares(w, one),
            jac=True,
            bounds=[(0, 1)] * D,
            constraints=rules,
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 1000},
        )
        least.append(float(found.fun))
    return _fixture("simplex", (part,), least, slack=1e-7)


def _squares(w: Tensor, y: Tensor) -> tuple[Callable[..., Any], Any]:
    def value(z: Any) -> tuple[float, Any]:
        left = w.numpy() @ z - y.numpy()
        return float(left @ left / 2), w.numpy().T @ left

    return value, np.full(D, 1 / D)


def _sphere() -> Fixture:
    """The least value over the sphere: the secular equation has one root below -λ_min."""
    w, y = data("plain")
    values, vectors = np.linalg.eigh((w.T @ w).numpy())
    least: list[float] = []
    for one in y:
        turned = vectors.T @ (w.T @ one).numpy()

        def length(mu: float, turned: Any = turned) -> float:
            return float(((turned / (values + mu)) ** 2).sum() - 1)

        mu = float(cast("float", brentq(length, -values[0] + 1e-12, 1e6, xtol=1e-15)))
        z = vectors @ (turned / (values + mu))
        least.append(float(((w.numpy() @ z - one.numpy()) ** 2).sum() / 2))
    part = Part("z", D, "real with sphere", "other", constraints=(Sphere(),))
    return replace(_fixture("sphere", (part,), least), several=True)


def _with_terms(name: str, terms: tuple[Term, ...], rough: tuple[Rough, ...]) -> Fixture:
    w, y = data("plain")
    objective = Objective(smooth_part=quadratic_of(w, y), terms=terms, floor=0)
    zero = torch.zeros(N, dtype=torch.float64)
    return Fixture(name, replace(SHARED, rough=rough), objective, zero)


def _groups() -> Fixture:
    terms = (Term(GroupL2(3), _number(LAM), event=(D,)),)
    found = _with_terms("group lasso", terms, (GROUPS,))
    return replace(found, minimum=_smoothed(0.0), slack=1e-6)


def _sparse_groups() -> Fixture:
    terms = (Term(L1(), _number(0.5)), Term(GroupL2(3), _number(LAM), event=(D,)))
    found = _with_terms("sparse group lasso", terms, (ENTRIES, GROUPS))
    return replace(found, minimum=_smoothed(0.5), slack=1e-6)


def _smoothed(lam: float) -> Tensor:
    """Minimize with the kinks rounded off far below the tolerance, then count them fully."""
    w, y = data("plain")
    least: list[float] = []
    for one in y:
        target = one

        def energy(z: Tensor, eps: float = 0.0, target: Tensor = target) -> Tensor:
            groups = (z.reshape(-1, 3).square().sum(-1) + eps**2).sqrt().sum()
            entries = (z.square() + eps**2).sqrt().sum()
            return (target - w @ z).square().sum() / 2 + LAM * groups + lam * entries

        z = np.zeros(D)
        for eps in (1e-2, 1e-4, 1e-6, 1e-8):
            z = _descended(lambda z, eps=eps, f=energy: f(z, eps), z)
        least.append(float(energy(torch.from_numpy(z))))
    return _stacked(least)


def _descended(energy: Callable[[Tensor], Tensor], start: Any) -> Any:
    def value(z: Any) -> tuple[float, Any]:
        point = torch.from_numpy(z).requires_grad_()
        found = energy(point)
        found.backward()
        assert point.grad is not None
        return float(found.detach()), point.grad.numpy()

    found = minimize(value, start, jac=True, method="BFGS", options={"gtol": 1e-10})
    return found.x


def _nuclear() -> Fixture:
    """The least value by factors of full rank, ½(‖U‖² + ‖V‖²) for the nuclear norm of UV'."""
    w, y = data("plain")
    terms = (Term(Nuclear(), _number(LAM), event=(3, 4)),)
    least: list[float] = []
    for one in y:
        target = one

        def energy(x: Tensor, target: Tensor = target) -> Tensor:
            u, v = x[:9].reshape(3, 3), x[9:].reshape(3, 4)
            left = target - w @ (u @ v).flatten()
            return left.square().sum() / 2 + LAM * x.square().sum() / 2

        start = np.random.default_rng(3).normal(size=21)
        least.append(float(energy(torch.from_numpy(_descended(energy, start)))))
    found = _with_terms("nuclear norm", terms, (NUCLEAR,))
    return replace(found, minimum=_stacked(least), slack=1e-7)


def _round(y: Tensor) -> Quadratic:
    return Quadratic(Hessian(2 * torch.eye(D, dtype=torch.float64)), 2 * y, y.square().sum(-1))


def _singular_values() -> Fixture:
    y = drawn(N, D)
    kept = (torch.linalg.svdvals(y.reshape(N, 3, 4)) - 0.25).clamp_min(0)
    lost = (torch.linalg.svdvals(y.reshape(N, 3, 4)) - kept).square().sum(-1)
    problem = replace(SHARED, rough=(NUCLEAR,), isotropic=True)
    term = Term(Nuclear(), _number(0.5), event=(3, 4))
    objective = Objective(smooth_part=_round(y), terms=(term,), floor=0)
    return Fixture("threshold of singular values", problem, objective, lost + kept.sum(-1) / 2)


def _supports(counts: range, price: float) -> list[float]:
    """Return the least energy over all supports of these sizes."""
    w, y = data("plain")
    least = np.full(N, np.inf)
    for k in counts:
        for chosen in combinations(range(D), k):
            own = w[:, list(chosen)].numpy()
            best = np.linalg.lstsq(own, y.T.numpy(), rcond=None)[0]
            left = ((y.T.numpy() - own @ best) ** 2).sum(0) / 2
            least = np.minimum(least, left + price * k)
    return [float(one) for one in least]


def _price_of_entries() -> Fixture:
    found = _with_terms("price of active entries", (Term(L0(), _number(LAM)),), (COUNT,))
    return replace(found, minimum=_stacked(_supports(range(D + 1), LAM)), several=True)


def _few_entries() -> Fixture:
    part = Part("z", D, "real with sparse", "other", constraints=(Sparse(3),))
    found = _fixture("three active entries", (part,), _supports(range(3, 4), 0.0))
    return replace(found, several=True)


def _price_of_entries_alone() -> Fixture:
    """Every entry by itself: the hard threshold is the minimum."""
    y = drawn(N, D)
    facts = replace(CONVEX, block=Block.SEPARABLE)
    problem = replace(SHARED, smooth=facts, rough=(COUNT,), isotropic=True)
    objective = Objective(smooth_part=_round(y), terms=(Term(L0(), _number(0.7)),))
    least = y.square().clamp_max(0.7).sum(-1)
    return Fixture("price of entries alone", problem, objective, least, several=True)


def _apart() -> Fixture:
    """Entries that do not meet, each with its own curvature, in the orthant."""
    y, curve = drawn(N, D), torch.linspace(0.5, 3, D, dtype=torch.float64)
    facts = replace(CONVEX, block=Block.SEPARABLE)
    parts = (Part("z", D, "nonneg", "orthant", low=0),)
    problem = replace(SHARED, smooth=facts, rough=(ENTRIES,), parts=parts, domain="nonneg")
    shape = Quadratic(Hessian(torch.diag(curve)), y, torch.zeros(N, dtype=torch.float64))
    term = Term(L1(), _number(0.3))
    objective = Objective(smooth_part=shape, terms=(term,), regions=_regions(parts))
    least = -((y - 0.3).clamp_min(0).square() / (2 * curve)).sum(-1)
    return Fixture("entries apart", problem, objective, least)


def _inhibition() -> Fixture:
    """Entries that inhibit each other; without inhibition nothing is higher."""
    w, y = data("plain")
    coupled = drawn(D, D).abs()
    coupled = (coupled + coupled.T).fill_diagonal_(0)
    linear = torch.full((N, D), -LAM, dtype=torch.float64)
    rest = torch.zeros(N, dtype=torch.float64)
    objective = Objective(
        smooth_part=quadratic_of(w, y),
        coupling=Quadratic(Hessian(coupled), linear, rest),
        floor=0,
    )
    rough = Rough("abs(z) @ S @ abs(z)", "dot", obstacle="no prox is known", over=("z",))
    problem = replace(SHARED, rough=(rough,), magnitudes=Facts(degree=2))
    least = [lasso_of(w, one, LAM, False) for one in y]
    return Fixture("inhibition", problem, objective, _stacked(least), several=True)
