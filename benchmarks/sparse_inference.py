"""Sparse codes by our solvers beside scikit-learn's, on the same patches, one thread."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import process_time

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_sample_images
from sklearn.decomposition import sparse_encode
from threadpoolctl import threadpool_limits
from torch import Tensor

from ebmdsl.concepts.kinds import Solver
from ebmdsl.lower.loop import solve
from ebmdsl.lower.objective import Objective, Term
from ebmdsl.lower.quadratic import quadratic_of
from ebmdsl.std.functions.l1 import L1
from ebmdsl.std.solvers.admm import Admm
from ebmdsl.std.solvers.fista import Fista

SIDE, K = 12, 256
OURS, THEIRS = 2000, 200
ROUNDS, LEARNING = 5, 60

Codes = NDArray[np.float64]


@dataclass(frozen=True)
class Workload:
    """Patches prepared in one way, a dictionary learned from them, and a penalty."""

    name: str
    y: Tensor
    w: Tensor
    lam: float


@dataclass(frozen=True)
class Row:
    """What one contender took, per patch, and the gap it reached."""

    seconds: float
    gap: float
    worst: float


def patches(count: int) -> Codes:
    """Cut patches out of two photographs and take their means away."""
    rng = np.random.default_rng(0)
    pictures = [np.asarray(one, np.float64).mean(-1) for one in load_sample_images().images]
    rows: list[Codes] = []
    for i in range(count):
        picture = pictures[i % 2]
        r, c = (int(rng.integers(0, n - SIDE)) for n in picture.shape)
        rows.append(picture[r : r + SIDE, c : c + SIDE].ravel())
    y = np.stack(rows)
    return y - y.mean(1, keepdims=True)


def whitened(y: Codes) -> Codes:
    """Whiten with a floor, variance 1: what the model of natural images sees."""
    values, vectors = np.linalg.eigh(y.T @ y / len(y))
    y = y @ (vectors / np.sqrt(np.maximum(values, 1e-3 * values[-1]))) @ vectors.T
    return y / y.std()


def normalized(y: Codes) -> Codes:
    """Divide by the contrast, not by less than a part of its median."""
    size = np.linalg.norm(y, axis=1, keepdims=True)
    return y / np.maximum(size, 0.3 * np.median(size))


def workloads() -> list[Workload]:
    """Prepare both; the atoms of the second are learned on it and badly conditioned."""
    rows = patches(OURS)
    both = [("whitened", whitened(rows), 0.5), ("contrast", normalized(rows), 0.05)]
    made: list[Workload] = []
    for name, values, lam in both:
        y = torch.from_numpy(values).float()
        made.append(Workload(name, y, learned(y, lam), lam))
    return made


def lasso(w: Tensor, y: Tensor, *, lam: float) -> Objective:
    """Build the objective as a compiled model does: by differentiating its energy."""

    def energy(z: Tensor, y: Tensor) -> Tensor:
        return ((y - z @ w.T) ** 2).sum(-1) / 2

    quadratic = quadratic_of(energy, (y,), like=y.new_zeros(len(y), K), shared=True)
    return Objective(smooth_part=quadratic, terms=(Term(L1(), torch.tensor(lam)),), floor=0)


def learned(y: Tensor, lam: float) -> Tensor:
    """Learn a dictionary for a few steps, so that the problem is a real one."""
    rng = torch.Generator().manual_seed(0)
    w = torch.nn.functional.normalize(torch.randn(SIDE**2, K, generator=rng), dim=0)
    for _ in range(LEARNING):
        some = y[torch.randint(len(y), (256,), generator=rng)]
        z = solve(Admm(), lasso(w, some, lam=lam), start=torch.zeros(256, K), tol=1e-2).point
        slope = (some - z @ w.T).T @ z / (z**2).sum(0).clamp_min(1e-2 * lam)
        w = torch.nn.functional.normalize(w + 0.3 * slope, dim=0)
    return w


def gaps(work: Workload, z: Codes) -> Codes:
    """Return relative duality gaps in their textbook form, in float64."""
    atoms, target = work.w.double().numpy(), work.y[: len(z)].double().numpy()
    left = target - z @ atoms.T
    primal = (left**2).sum(1) / 2 + work.lam * np.abs(z).sum(1)
    scale = np.minimum(1, work.lam / np.abs(left @ atoms).max(1))
    dual = (target**2).sum(1) / 2 - ((target - scale[:, None] * left) ** 2).sum(1) / 2
    return (primal - dual) / primal


def ours(solver: Solver, work: Workload, *, tol: float) -> Codes:
    """Solve for all patches from zero."""
    objective = lasso(work.w, work.y, lam=work.lam)
    found = solve(solver, objective, start=torch.zeros(len(work.y), K), tol=tol)
    return found.point.double().numpy()


def theirs(work: Workload) -> Codes:
    """Solve some patches by scikit-learn's coordinate descent, as it comes."""
    y, atoms = work.y[:THEIRS].double().numpy(), work.w.T.double().numpy()
    return sparse_encode(y, atoms, algorithm="lasso_cd", alpha=work.lam, max_iter=1000)


def measured(run: Callable[[], Codes], work: Workload) -> Row:
    """Run once; return CPU seconds per patch and the gaps reached."""
    start = process_time()
    codes = run()
    seconds = (process_time() - start) / len(codes)
    found = gaps(work, codes)
    return Row(seconds, float(found.mean()), float(found.max()))


def compare(work: Workload) -> None:
    """Print CPU time per patch as a ratio to lasso_cd, and the gap each contender reached."""
    contenders: dict[str, Callable[[], Codes]] = {
        "lasso_cd": lambda: theirs(work),
        "admm 1e-3": lambda: ours(Admm(), work, tol=1e-3),
        "admm 1e-5": lambda: ours(Admm(), work, tol=1e-5),
        "fista 1e-3": lambda: ours(Fista(), work, tol=1e-3),
        "fista 1e-5": lambda: ours(Fista(), work, tol=1e-5),
    }
    rounds = [
        {name: measured(run, work) for name, run in contenders.items()} for _ in range(ROUNDS)
    ]
    print(f"{work.name:<12} CPU us/patch   x lasso_cd   mean gap   worst gap")
    for name in contenders:
        row = rounds[0][name]
        ratio = median(one[name].seconds / one["lasso_cd"].seconds for one in rounds)
        micro = 1e6 * median(one[name].seconds for one in rounds)
        print(f"{name:<12} {micro:12.1f} {ratio:12.3f}   {row.gap:8.1e}   {row.worst:9.1e}")


def main() -> int:
    """Compare on both workloads."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        for work in workloads():
            compare(work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
