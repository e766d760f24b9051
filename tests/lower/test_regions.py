"""Regions: projections of some columns, each value of a plate by itself."""

from __future__ import annotations

import torch

from ebmdsl.concepts.parts import Part
from ebmdsl.lower.objective import Objective
from ebmdsl.lower.regions import Region, region_of
from ebmdsl.std.constraints.clip import Clip
from ebmdsl.std.constraints.simplex import Simplex
from ebmdsl.std.constraints.sparse import Sparse
from tests.lower.test_objective import bowl, drawn


def test_every_value_of_a_plate_obeys_by_itself() -> None:
    region = Region(0, 12, (4,), "other", constraints=(Sparse(1),))
    near = region.nearest(drawn(5, 12))
    assert (near.reshape(5, 3, 4) != 0).sum(-1).eq(1).all()
    assert region.sparsity == 3


def test_a_domain_and_a_constraint_hold_together() -> None:
    part = Part("z", 4, "nonneg with sparse", "other", low=0, constraints=(Sparse(2),))
    region = region_of(part, first=3, event=(4,))
    assert region.where == slice(3, 7)
    near = region.nearest(drawn(9, 4))
    assert (near >= 0).all()
    assert (near != 0).sum(-1).le(2).all()


def test_every_latent_of_an_objective_has_its_own_set() -> None:
    regions = (
        Region(0, 2),
        Region(2, 3, (), "orthant", low=0),
        Region(3, 6, (3,), "convex", constraints=(Simplex(),)),
    )
    objective = Objective(smooth_part=bowl().smooth_part, regions=regions)
    z = drawn(4, 6)
    near = objective.clip(z)
    assert torch.equal(near[:, :2], z[:, :2])
    assert torch.equal(near[:, 2], z[:, 2].relu())
    torch.testing.assert_close(near[:, 3:].sum(-1), torch.ones(4, dtype=torch.float64))
    assert torch.equal(objective.prox(z, torch.tensor(0.3)), near)
    assert objective.is_convex
    assert objective.sparsity is None


def test_an_interval_is_no_cone() -> None:
    assert Region(0, 2).cone
    assert not Region(0, 2, (2,), "box", constraints=(Clip(-1, 1),)).cone
    assert not bowl().clip(drawn(2, 6)).isnan().any()
