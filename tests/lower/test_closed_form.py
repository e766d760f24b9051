"""Parameters in closed form against direct solutions in numpy."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from torch import Tensor

from ebmdsl.lower.closed_form import (
    Coupling,
    kmeans_pp,
    minimize_over,
    polar,
    principal_subspace,
    reseeded,
)

Parameters = tuple[Tensor, ...]
N, D, K = 300, 7, 4


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(3)


@pytest.fixture
def y(rng: torch.Generator) -> Tensor:
    return torch.randn(N, D, generator=rng, dtype=torch.float64) + 1


@pytest.fixture
def z(rng: torch.Generator) -> Tensor:
    return torch.randn(N, K, generator=rng, dtype=torch.float64)


@pytest.fixture
def w(rng: torch.Generator) -> Tensor:
    return torch.randn(D, K, generator=rng, dtype=torch.float64)


def halves(*tensors: Tensor) -> list[tuple[Tensor, ...]]:
    return [tuple(one[:130] for one in tensors), tuple(one[130:] for one in tensors)]


def close(left: Tensor, right: Tensor) -> None:
    torch.testing.assert_close(left, right, rtol=1e-9, atol=1e-9)


def solved(matrix: Tensor, right: Tensor) -> Tensor:
    return torch.from_numpy(np.linalg.solve(matrix.numpy(), right.numpy()))


@pytest.mark.parametrize("coupling", [Coupling.ROWS, Coupling.ALL])
def test_a_ridge_is_part_of_the_solution(
    y: Tensor, z: Tensor, w: Tensor, coupling: Coupling
) -> None:
    def energy(p: Parameters, y: Tensor, z: Tensor) -> Tensor:
        return ((y - z @ p[0].T) ** 2).sum(-1) / 2 + 0.3 * (p[0] ** 2).sum()

    found = minimize_over(energy, (w,), batches=halves(y, z), coupling=coupling)
    gram = z.T @ z / N + 0.6 * torch.eye(K, dtype=torch.float64)
    close(found.parameters[0], solved(gram, z.T @ y / N).T)
    assert found.residual < 1e-10
    assert found.after < found.before
    direct = float(energy(found.parameters, y, z).mean())
    assert found.after == pytest.approx(direct, rel=1e-12)


def test_a_metric_with_weights_couples_nothing_new(y: Tensor, z: Tensor, w: Tensor) -> None:
    scale = torch.linspace(0.1, 5, D, dtype=torch.float64)
    share = torch.linspace(0, 2, N, dtype=torch.float64)

    def energy(p: Parameters, y: Tensor, z: Tensor, share: Tensor) -> Tensor:
        ridge = (p[0] ** 2).sum()
        return share * (scale * (y - z @ p[0].T) ** 2).sum(-1) + ridge

    found = minimize_over(energy, (w,), batches=halves(y, z, share), coupling=Coupling.ROWS)
    gram, cross = (z.T * share) @ z / N, (z.T * share) @ y / N
    eye = torch.eye(K, dtype=torch.float64)
    rows = [solved(s * gram + eye, s * cross[:, i]) for i, s in enumerate(scale)]
    close(found.parameters[0], torch.stack(rows))


def test_a_full_metric_couples_rows(y: Tensor, z: Tensor, w: Tensor) -> None:
    root = torch.randn(D, D, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    metric = root @ root.T + torch.eye(D, dtype=torch.float64)

    def energy(p: Parameters, y: Tensor, z: Tensor) -> Tensor:
        r = y - z @ p[0].T
        return ((r @ metric) * r).sum(-1) + 0.1 * (p[0] ** 2).sum()

    found = minimize_over(energy, (w,), batches=halves(y, z), coupling=Coupling.ALL)
    gram = torch.kron(metric, z.T @ z / N)
    gram += 0.1 * torch.eye(D * K, dtype=torch.float64)
    direct = solved(gram, (metric @ (y.T @ z / N)).reshape(-1, 1))
    close(found.parameters[0], direct.reshape(D, K))


def test_a_bias_moves_with_the_matrix(y: Tensor, z: Tensor, w: Tensor) -> None:
    def energy(p: Parameters, y: Tensor, z: Tensor) -> Tensor:
        return ((y - z @ p[0].T - p[1]) ** 2).sum(-1)

    start = (w, torch.zeros(D, dtype=torch.float64))
    found = minimize_over(energy, start, batches=halves(y, z), coupling=Coupling.ROWS)
    wide = np.column_stack([z.numpy(), np.ones(N)])
    direct = torch.from_numpy(np.linalg.lstsq(wide, y.numpy(), rcond=None)[0])
    close(found.parameters[0], direct[:K].T)
    close(found.parameters[1], direct[K])


def test_a_frozen_column_stays_and_the_rest_adapts(y: Tensor, z: Tensor, w: Tensor) -> None:
    def energy(p: Parameters, y: Tensor, z: Tensor) -> Tensor:
        return ((y - z @ p[0].T) ** 2).sum(-1)

    free = torch.ones_like(w)
    free[:, 1] = 0
    found = minimize_over(
        energy, (w,), batches=halves(y, z), coupling=Coupling.ROWS, free=(free,)
    )
    rest = [0, 2, 3]
    left = (y - z[:, 1:2] @ w[:, 1:2].T).numpy()
    direct = np.linalg.lstsq(z[:, rest].numpy(), left, rcond=None)[0]
    assert torch.equal(found.parameters[0][:, 1], w[:, 1])
    close(found.parameters[0][:, rest], torch.from_numpy(direct).T)


@pytest.mark.parametrize("limit", [1, 1024])
def test_two_costs_share_a_matrix(
    y: Tensor, z: Tensor, w: Tensor, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ebmdsl.lower.closed_form.DENSE", limit)

    def energy(p: Parameters, y: Tensor, z: Tensor) -> Tensor:
        return ((y - z @ p[0].T) ** 2).sum(-1) + 2 * ((z - y @ p[0]) ** 2).sum(-1)

    found = minimize_over(energy, (w,), batches=halves(y, z), coupling=Coupling.ALL)
    eye = torch.eye(D, dtype=torch.float64), torch.eye(K, dtype=torch.float64)
    gram = torch.kron(eye[0], z.T @ z) + 2 * torch.kron(y.T @ y, eye[1])
    direct = solved(gram, (3 * y.T @ z).reshape(-1, 1)).reshape(D, K)
    torch.testing.assert_close(found.parameters[0], direct, rtol=1e-8, atol=1e-8)


def test_single_precision_parameters_are_solved_in_double(y: Tensor, z: Tensor) -> None:
    def energy(p: Parameters, y: Tensor, z: Tensor) -> Tensor:
        return ((y - z @ p[0].T) ** 2).sum(-1)

    start = (torch.zeros(D, K),)
    found = minimize_over(
        energy, start, batches=halves(y.float(), z.float()), coupling=Coupling.ROWS
    )
    direct = np.linalg.lstsq(z.float().double().numpy(), y.float().double().numpy(), rcond=None)
    assert found.parameters[0].dtype == torch.float32
    torch.testing.assert_close(found.parameters[0].double().T, torch.from_numpy(direct[0]))


@pytest.mark.parametrize("coupling", list(Coupling))
def test_what_nothing_uses_keeps_its_value(y: Tensor, w: Tensor, coupling: Coupling) -> None:
    chosen = torch.nn.functional.one_hot(torch.arange(N) % 3, K).double()

    def energy(p: Parameters, y: Tensor, z: Tensor) -> Tensor:
        return ((y - z @ p[0].T) ** 2).sum(-1)

    found = minimize_over(energy, (w,), batches=halves(y, chosen), coupling=coupling)
    means = torch.stack([y[i::3].mean(0) for i in range(3)], 1)
    close(found.parameters[0][:, :3], means)
    close(found.parameters[0][:, 3], w[:, 3])
    assert found.unused[0].all(0).tolist() == [False, False, False, True]
    energies = (y**2).sum(-1)
    moved = reseeded(found.parameters[0], found.unused[0], y=y, energy=energies)
    close(moved[:, 3], y[energies.argmax()])
    close(moved[:, :3], means)


def lloyd(y: Tensor, w: Tensor, rounds: int = 100) -> float:
    """Alternate nearest prototypes and closed-form prototypes; return the mean energy."""

    def energy(p: Parameters, y: Tensor, z: Tensor) -> Tensor:
        return ((y - z @ p[0].T) ** 2).sum(-1)

    least = float("inf")
    for _ in range(rounds):
        each, nearest = torch.cdist(y, w.T).square().min(-1)
        if float(each.mean()) >= least:
            break
        least = float(each.mean())
        z = torch.nn.functional.one_hot(nearest, w.shape[1]).double()
        update = minimize_over(energy, (w,), batches=[(y, z)], coupling=Coupling.ROWS)
        w = reseeded(update.parameters[0], update.unused[0], y=y, energy=each)
    return least


def test_lloyd_reaches_the_inertia_of_scikit_learn(rng: torch.Generator) -> None:
    centers = torch.randn(12, 2, generator=rng, dtype=torch.float64) * 5
    which = torch.randint(12, (1500,), generator=rng)
    y = centers[which] + torch.randn(1500, 2, generator=rng, dtype=torch.float64) / 2
    best = min(lloyd(y, kmeans_pp(y, 12, rng=rng)) for _ in range(10))
    theirs = cast("Any", KMeans)(12, n_init=10, random_state=0).fit(y.numpy())
    assert best <= 1.02 * cast("float", theirs.inertia_) / 1500


def test_seeds_are_samples_and_differ(rng: torch.Generator) -> None:
    y = torch.tensor([[0.0, 0.0], [0.0, 0.1], [9.0, 0.0], [0.0, 9.0]])
    seeds = kmeans_pp(y, 3, rng=rng)
    assert seeds.shape == (2, 3)
    far = {tuple(map(float, row)) for row in seeds.T}
    assert {(9.0, 0.0), (0.0, 9.0)} <= far
    same = kmeans_pp(torch.ones(5, 2), 3, rng=rng)
    assert torch.equal(same, torch.ones(2, 3))


def test_the_principal_subspace_is_that_of_scikit_learn(y: Tensor) -> None:
    y = y * torch.linspace(1, 3, D, dtype=torch.float64)
    mean, directions = principal_subspace(y, 3)
    theirs = PCA(3).fit(y.numpy())
    cosines = torch.linalg.svdvals(directions.T @ torch.from_numpy(theirs.components_).T)
    assert torch.arccos(cosines.clamp_max(1)).max() < 1e-6
    close(mean, y.mean(0))
    close(directions.T @ directions, torch.eye(3, dtype=torch.float64))


def test_weights_count_samples(y: Tensor) -> None:
    share = (torch.arange(N) % 3).double()
    twice = y.repeat_interleave(share.long(), 0)
    mean, directions = principal_subspace(y, 2, weights=share)
    again, same = principal_subspace(twice, 2)
    close(mean, again)
    close(directions, same)


def test_the_polar_factor_is_the_nearest_orthonormal_matrix(w: Tensor) -> None:
    nearest = polar(w)
    close(nearest.T @ nearest, torch.eye(K, dtype=torch.float64))
    symmetric = nearest.T @ w
    close(symmetric, symmetric.T)
    assert torch.linalg.eigvalsh(symmetric).min() > 0
