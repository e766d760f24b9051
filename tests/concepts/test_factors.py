"""Tables of discrete entries, and latent vectors of the states that are found."""

from __future__ import annotations

import pytest
import torch

from ebmdsl.concepts.factors import Group, factors_of, mean_of, point_of
from tests.lower.programs import module, samples
from tests.lower.states import TWO_DOMAINS


def test_terms_that_are_alike_share_a_table() -> None:
    energy = torch.arange(4.0).reshape(1, 1, 2, 2)
    group = Group(((0, 1), (1, 2)), energy)
    assert torch.equal(*group.tables())
    apart = Group(((0, 1), (1, 2)), torch.cat([energy, energy + 4], 1))
    assert not torch.equal(*apart.tables())
    weights = Group(((0, 1),), torch.tensor([[[[1.0, 0.0], [0.5, 0.25]]]]), weighs=True)
    assert weights.tables()[0][0, 0, 1] == torch.inf


def test_states_become_latent_vectors() -> None:
    model = module(TWO_DOMAINS.replace("RING", "marginalize with variable_elimination"))
    y = samples(2, 4, 2)
    reduced = model.inference.eliminations.steps[0].reduced
    values = {**{name: x.detach() for name, x in model.weights.items()}, "y": y}
    like = y.new_zeros(2, reduced.layout.size)
    objective = reduced.objective(values, like)
    assert len(factors_of(objective, "test").graph.counts) == 9
    states = torch.tensor([[0, 1, 0, 1, 0, 1, 0, 1, 2], [1] * 9])
    point = point_of(objective, states, like=like)
    assert point[0].tolist() == [-1, 1, -1, 1, -1, 1, -1, 1, 0, 0, 1]
    shares = tuple(
        torch.full((2, len(site.values)), 1 / len(site.values)) for site in objective.sites
    )
    mean = mean_of(objective, tuple(share.double() for share in shares), like=like)
    torch.testing.assert_close(mean[0, :8], torch.zeros(8, dtype=torch.float64))
    torch.testing.assert_close(
        mean[0, 8:].sum(), torch.tensor(1.0, dtype=torch.float64), rtol=1e-6, atol=0
    )
    total = torch.zeros(2, dtype=torch.float64)
    for group in factors_of(objective, "test").groups():
        for scope, table in zip(group.scopes, group.tables(), strict=True):
            total += table[(slice(None), *(states[1, site] for site in scope))]
    torch.testing.assert_close(total, objective.smooth(point[1:].expand(2, -1)))


def test_what_has_no_tables_is_refused() -> None:
    model = module(TWO_DOMAINS.replace("RING", "marginalize with exhaustive_sum"))
    reduced = model.inference.eliminations.steps[0].reduced
    values = {**model.weights, "y": samples(1, 4, 2)}
    objective = reduced.objective(
        values, torch.zeros(1, reduced.layout.size, dtype=torch.float64)
    )
    with pytest.raises(TypeError, match="`test` was planned for a latent"):
        factors_of(objective, "test")
