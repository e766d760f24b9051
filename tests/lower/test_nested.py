"""A free energy inside of an objective: its value, its slope, and latents that are given."""

from __future__ import annotations

import torch

from ebmdsl.lower.elimination import Asked
from tests.lower.programs import module, samples
from tests.lower.test_three_words import TURNED

Y = samples(3, 4)


def test_given_latents_take_the_place_of_what_is_nested() -> None:
    text = TURNED.replace("INNER", "marginalize").replace("OUTER", "minimize")
    model = module(text)
    k = torch.eye(3, dtype=torch.float64)
    values = {**model.weights, "y": Y, "k": k}
    found = model.find(values, samples=3, asked=_plainly(), held=frozenset({"k"}))
    z = found.assignment["z"]
    known = model.energy({"y": Y, "k": k, "z": z})
    torch.testing.assert_close(found.value, known)
    nearby = torch.stack([model.energy({"y": Y, "k": k, "z": z + d}) for d in (0.01, -0.01)])
    assert (nearby >= known).all()


def test_what_is_outside_may_be_given_too() -> None:
    text = TURNED.replace("INNER", "marginalize").replace("OUTER", "minimize")
    model = module(text)
    z = samples(3, 2, seed=7)
    values = {**model.weights, "y": Y, "z": z}
    found = model.find(values, samples=3, asked=_plainly(), held=frozenset({"z"}))
    rows = [
        model.energy({"y": Y, "k": state.expand(3, 3), "z": z})
        for state in torch.eye(3, dtype=torch.float64)
    ]
    torch.testing.assert_close(found.value, -torch.logsumexp(-torch.stack(rows, 1), 1))


def _plainly() -> Asked:
    return Asked()
