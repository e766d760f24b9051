"""Objectives: values, proximal points over domains, rows."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from ebmdsl.lower.objective import Box, Objective, Smooth, Term
from ebmdsl.lower.quadratic import Hessian, Quadratic
from ebmdsl.std.functions.l1 import L1

D, N = 6, 4


def drawn(*shape: int, seed: int = 0) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=rng, dtype=torch.float64)


def bowl(terms: tuple[Term, ...] = (), box: Box | None = None) -> Objective:
    quadratic = Quadratic(
        Hessian(torch.eye(D, dtype=torch.float64)), drawn(N, D), torch.zeros(N).double()
    )
    return Objective(smooth_part=quadratic, terms=terms, box=box)


def terms(*parts: tuple[int, int] | None) -> tuple[Term, ...]:
    weights = torch.linspace(0.2, 0.8, N, dtype=torch.float64)
    return tuple(Term(L1(), weights * (i + 1), part) for i, part in enumerate(parts))


DOMAINS = [None, Box(low=0), Box(-0.3, 0.5)]


@pytest.mark.parametrize("box", DOMAINS)
@pytest.mark.parametrize("parts", [(), (None,), ((0, 2), (3, 6))])
def test_the_proximal_point_is_best(
    box: Box | None, parts: tuple[tuple[int, int], ...]
) -> None:
    objective = bowl(terms=terms(*parts), box=box)
    z, step = drawn(N, D, seed=5), torch.full((N, 1), 0.4, dtype=torch.float64)

    def cost(u: Tensor) -> Tensor:
        return step[:, 0] * objective.rough(u) + ((u - z) ** 2).sum(-1) / 2

    best = objective.prox(z, step)
    assert torch.equal(objective.clip(best), best)
    for seed in range(50):
        other = objective.clip(best + 0.1 * drawn(N, D, seed=100 + seed))
        assert (cost(other) >= cost(best) - 1e-12).all()


def test_parts_are_weighted_by_sample() -> None:
    objective = bowl(terms=terms((0, 2), (3, 6)))
    z = drawn(N, D, seed=1)
    first, second = objective.terms
    expected = first.weight * z[:, :2].abs().sum(-1) + second.weight * z[:, 3:].abs().sum(-1)
    torch.testing.assert_close(objective.rough(z), expected)
    torch.testing.assert_close(objective.value(z), objective.smooth(z) + expected)


def test_rows_are_the_same_samples() -> None:
    def energy(z: Tensor, y: Tensor) -> Tensor:
        return torch.cosh(z - y).sum(-1)

    z, index = drawn(N, D, seed=1), torch.tensor([2, 0, 2])
    smooth = Smooth(energy, (drawn(N, D, seed=2),))
    for objective in (
        bowl(terms=terms(None)),
        Objective(smooth_part=smooth, terms=terms(None)),
    ):
        some = objective.rows(index)
        torch.testing.assert_close(some.value(z[index]), objective.value(z)[index])
        torch.testing.assert_close(some.gradient(z[index]), objective.gradient(z)[index])
        torch.testing.assert_close(some.certificate(z[index]), objective.certificate(z)[index])


def test_a_given_slope_is_used() -> None:
    smooth = Smooth(lambda z: z.sum(-1), (), lambda z: torch.full_like(z, 7))
    assert Objective(smooth_part=smooth).gradient(torch.zeros(1, 2)).tolist() == [[7, 7]]


def test_the_last_word_is_in_double_precision() -> None:
    w, y = drawn(9, D).float(), drawn(N, 9, seed=4).float()
    quadratic = Quadratic(Hessian(w.T @ w), y @ w, (y**2).sum(-1) / 2)
    objective = Objective(smooth_part=quadratic, terms=terms(None), floor=0)
    z = drawn(N, D, seed=3).float()
    found = objective.certify(z)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, objective.double().certificate(z.double()))
    still = Objective(smooth_part=quadratic)
    assert float(still.certify(quadratic.hessian.solve(quadratic.linear)).min()) == 1e-7


def test_a_gap_needs_gauges_a_cone_and_a_matrix_of_moderate_size() -> None:
    assert bowl(terms=terms(None)).has_gap
    assert not bowl(terms=terms(None), box=Box(0, 1)).has_gap
    smooth = Smooth(lambda z: (z**4).sum(-1))
    assert not Objective(smooth_part=smooth, terms=terms(None)).has_gap


def test_what_was_built_in_double_precision_certifies() -> None:
    w, y = drawn(9, D), drawn(N, 9, seed=4)
    built = Quadratic(Hessian(w.T @ w), y @ w, (y**2).sum(-1) / 2)
    rounded = Quadratic(Hessian(built.hessian.tensor.float()), (y @ w).float(), built.constant)
    wide = Objective(smooth_part=built, terms=terms(None), floor=0)
    narrow = Objective(smooth_part=rounded, terms=terms(None), floor=0, wide=wide)
    z, index = drawn(N, D, seed=3).float(), torch.tensor([3, 1])
    expected = wide.certificate(z.double())
    torch.testing.assert_close(narrow.certify(z), expected, rtol=0, atol=0)
    found = narrow.rows(index).certify(z[index])
    torch.testing.assert_close(found, expected[index], rtol=1e-12, atol=0)
