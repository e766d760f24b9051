"""Blanks of a sequence: the best of all states, and told where they meet."""

from __future__ import annotations

from itertools import product

import torch

from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.predicting import Prediction
from tests.lower.programs import module
from tests.plan.test_places import TEXT

N, T, K = 4, 5, 3


def _drawn() -> tuple[torch.Tensor, torch.Tensor]:
    rng = torch.Generator().manual_seed(3)
    y = torch.randint(K, (N, T), generator=rng)
    mask = torch.rand(N, T, generator=rng) < 0.5
    mask[0] = True
    return y, mask


def test_hidden_blanks_are_found_as_enumeration_finds_them() -> None:
    model = module(TEXT.format(more="", how=""))
    (step,) = model.plan.predictions
    y, mask = _drawn()
    m = mask.double()
    found = Prediction(step, model).find({"y": y, "m": m}, {"y": mask}, asked=Asked())
    assert found.status.tolist() == [[0]] * N
    best = found.best["y"].long()
    assert torch.equal(best[~mask], y[~mask])
    states = torch.tensor(list(product(range(K), repeat=T)))
    least = torch.full((N,), torch.inf, dtype=torch.float64)
    for state in states:
        filled = torch.where(mask, state, y)
        least = torch.minimum(least, model.energy({"y": filled, "m": m}).detach())
    torch.testing.assert_close(found.energy[:, 0], least)


def test_blanks_that_are_seen_by_others_are_not_proved() -> None:
    model = module(TEXT.format(more="", how=""))
    (step,) = model.plan.predictions
    y, mask = _drawn()
    m = torch.zeros(N, T, dtype=torch.float64)
    m[:, 0] = 1
    found = Prediction(step, model).find({"y": y, "m": m}, {"y": mask}, asked=Asked())
    met = mask[:, 1]  # a kernel of three sees one place to each side
    assert torch.equal(found.status[:, 0] == 1, met)
    assert met.any()
    assert (found.certificate[met] > 1e-6).all()
