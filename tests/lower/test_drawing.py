"""Draws of latents: exact where every state can be listed, and the same for one seed."""

from __future__ import annotations

from dataclasses import replace

import torch

from ebmdsl.lower.drawing import Drawing
from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.seed import Randomness
from tests.lower.programs import MIXTURE, module, samples


def test_draws_have_the_frequencies_of_the_posterior() -> None:
    model = module(MIXTURE)
    (step,) = model.plan.eliminations
    drawing = Drawing(replace(step, ring="sample"), model.plan.model)
    y = samples(1, 2).expand(4000, 2)
    values = {**model.weights, "y": y}
    asked = Asked(randomness=Randomness(3))
    drawn = drawing.find(values, samples=4000, like=model.like, asked=asked).point
    share = model.solve({"y": y[:1]}).assignment["z"][0]
    deviation = (share * (1 - share) / 4000).sqrt()
    assert ((drawn.mean(0) - share).abs() <= 4 * deviation).all()
    again = drawing.find(values, samples=4000, like=model.like, asked=asked).point
    assert torch.equal(drawn, again)
