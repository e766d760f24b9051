"""The order of a search: outside first, and inside at every state that is summed."""

from __future__ import annotations

import torch

from tests.lower.programs import module, samples
from tests.lower.test_three_words import ANALYZERS, NESTED


def test_a_sample_is_found_alike_alone_and_among_others() -> None:
    model = module(ANALYZERS.replace("RING", "marginalize"))
    y = samples(4, 4)
    whole, alone = model.solve({"y": y}), model.solve({"y": y[2:3]})
    torch.testing.assert_close(whole.value[2:3], alone.value)
    torch.testing.assert_close(whole.assignment["z"][2:3], alone.assignment["z"])


def test_a_broken_sample_does_not_harm_the_others() -> None:
    model = module(ANALYZERS.replace("RING", "marginalize"))
    y = samples(4, 4)
    sound = model.solve({"y": y})
    broken = y.clone()
    broken[1] = torch.nan
    found = model.solve({"y": broken})
    assert found.status.tolist() == [0, 2, 0, 0]
    rest = torch.tensor([0, 2, 3])
    torch.testing.assert_close(found.value[rest], sound.value[rest])
    torch.testing.assert_close(found.assignment["z"][rest], sound.assignment["z"][rest])


def test_draws_inside_of_a_sum_are_of_one_state_each() -> None:
    text = NESTED.replace("INNER", "sample").replace("OUTER", "marginalize")
    model = module(text)
    y = samples(1, 4).expand(4000, 4)
    found = model.solve({"y": y}).assignment
    both = module(ANALYZERS.replace("RING", "sample")).solve({"y": y}).assignment["z"]
    error = ((found["z"].var(0) + both.var(0)) / 4000).sqrt()
    assert ((found["z"].mean(0) - both.mean(0)).abs() <= 4.5 * error).all()
