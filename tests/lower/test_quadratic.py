"""Quadratics: found by differentiating, solved with or without an inverse."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.quadratic import Hessian, Quadratic, quadratic_of

D, N, M = 6, 5, 9


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(2)


def drawn(rng: torch.Generator, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def test_every_coefficient_is_found(rng: torch.Generator) -> None:
    w, y, u = drawn(rng, M, D), drawn(rng, N, M), drawn(rng, N, D)

    def energy(z: Tensor, y: Tensor, u: Tensor) -> Tensor:
        fit = ((y - z @ w.T) ** 2).sum(-1) / 2
        return fit + ((z - u) ** 2).sum(-1) * 3 - (z * u).sum(-1) + 7

    found = quadratic_of(energy, (y, u), like=u, shared=True)
    eye = torch.eye(D, dtype=torch.float64)
    torch.testing.assert_close(found.hessian.tensor, w.T @ w + 6 * eye)
    torch.testing.assert_close(found.linear, y @ w + 7 * u)
    constant = (y**2).sum(-1) / 2 + 3 * (u**2).sum(-1) + 7
    torch.testing.assert_close(found.constant, constant)
    z = drawn(rng, N, D)
    torch.testing.assert_close(found.value(z), energy(z, y, u))


def test_a_matrix_of_its_own_for_every_sample(rng: torch.Generator) -> None:
    w, z = drawn(rng, N, M, D), drawn(rng, N, D)

    def energy(z: Tensor, w: Tensor) -> Tensor:
        return (torch.einsum("nmd,nd->nm", w, z) ** 2).sum(-1)

    found = quadratic_of(energy, (w,), like=z, shared=False)
    torch.testing.assert_close(found.hessian.tensor, 2 * w.mT @ w)
    torch.testing.assert_close(found.value(z), energy(z, w))
    slope = torch.func.grad(lambda z: energy(z, w).sum())(z)
    torch.testing.assert_close(found.gradient(z), slope)


def test_a_broken_sample_does_not_touch_a_shared_matrix(rng: torch.Generator) -> None:
    y = drawn(rng, N, D)
    y[0] = torch.nan

    def energy(z: Tensor, y: Tensor) -> Tensor:
        return ((y - z) ** 2).sum(-1)

    found = quadratic_of(energy, (y,), like=y, shared=True)
    assert found.hessian.tensor.isfinite().all()
    assert found.linear[1:].isfinite().all()
    assert found.linear[0].isnan().all()


def test_whole_numbers_are_data_too() -> None:
    table = torch.arange(12.0).reshape(4, 3)

    def energy(z: Tensor, token: Tensor) -> Tensor:
        return ((z - table[token]) ** 2).sum(-1)

    token = torch.tensor([3, 1])
    found = quadratic_of(energy, (token,), like=torch.zeros(2, 3), shared=True)
    torch.testing.assert_close(found.linear, 2 * table[token])


@pytest.mark.parametrize("lead", [(), (N,)])
def test_the_largest_eigenvalue_is_bounded_closely(
    rng: torch.Generator, lead: tuple[int, ...]
) -> None:
    w = drawn(rng, *lead, M, D)
    matrix = w.mT @ w
    true = torch.linalg.eigvalsh(matrix)[..., -1]
    bound = Hessian(matrix).largest().reshape(true.shape)
    assert (bound >= true).all()
    assert (bound <= 1.1 * true).all()


def test_above_a_size_the_power_method_bounds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ebmdsl.lower.quadratic.SPECTRUM", 3)
    matrix = torch.diag(torch.tensor([1.0, 5.0, 2.0, 0.5]))
    assert 5 <= float(Hessian(matrix).largest()) <= 5.5


@pytest.mark.parametrize("lead", [(), (N,)])
def test_regular_systems_are_solved(rng: torch.Generator, lead: tuple[int, ...]) -> None:
    w, b = drawn(rng, *lead, M, D), drawn(rng, N, D)
    hessian = Hessian(w.mT @ w)
    torch.testing.assert_close(hessian.times(hessian.solve(b)), b)


@pytest.mark.parametrize("lead", [(), (N,)])
def test_singular_systems_get_the_answer_of_least_norm(
    rng: torch.Generator, lead: tuple[int, ...]
) -> None:
    w, b = drawn(rng, *lead, 3, D), drawn(rng, N, D)
    matrix = w.mT @ w
    pseudo = torch.linalg.pinv(matrix, hermitian=True)
    expected = b @ pseudo if not lead else (pseudo @ b.unsqueeze(-1)).squeeze(-1)
    torch.testing.assert_close(Hessian(matrix).solve(b), expected)


def test_what_is_computed_is_kept(rng: torch.Generator) -> None:
    calls: list[int] = []

    def make(matrix: Tensor) -> tuple[Tensor, ...]:
        calls.append(1)
        return (matrix.diagonal(dim1=-2, dim2=-1),)

    own = Hessian(drawn(rng, N, D, D))
    first = own.once("diagonal", make)[0]
    some = own.rows(torch.tensor([3, 1])).once("diagonal", make)[0]
    assert torch.equal(some, first[[3, 1]])
    assert len(calls) == 1
    shared = Hessian(own.tensor[0])
    assert shared.rows(torch.tensor([0])) is shared


def test_rows_and_precision_change_nothing_else(rng: torch.Generator) -> None:
    w, z = drawn(rng, M, D).float(), drawn(rng, N, D).float()
    whole = Quadratic(Hessian(w.T @ w), z * 2, z.sum(-1))
    index = torch.tensor([4, 0])
    torch.testing.assert_close(whole.rows(index).value(z[index]), whole.value(z)[index])
    wide = whole.double()
    assert wide.value(z.double()).dtype == torch.float64
    torch.testing.assert_close(wide.value(z.double()).float(), whole.value(z))


def test_a_shared_matrix_is_found_inside_of_a_transform(rng: torch.Generator) -> None:
    w, like = drawn(rng, M, D), drawn(rng, N, D)

    def entry(w: Tensor) -> Tensor:
        def energy(z: Tensor) -> Tensor:
            return (z @ w.T).square().sum(-1) / 2

        return quadratic_of(energy, (), like=like, shared=True).hessian.tensor[0, 1]

    slope = torch.func.grad(entry)(w)
    expected = torch.zeros_like(w)
    expected[:, 0], expected[:, 1] = w[:, 1], w[:, 0]
    torch.testing.assert_close(slope, expected)
