"""Inference of a plan: F, latents that are held, and F as a function of what was found."""

from __future__ import annotations

import torch

from ebmdsl.lower.elimination import Asked
from ebmdsl.lower.inference import Inference
from tests.lower.programs import MIXTURE, SPARSE, module, samples


def test_what_is_held_is_not_found() -> None:
    made = module(SPARSE)
    y, z = samples(3, 8), samples(3, 12)
    values = {**made.weights, "y": y, "z": z}
    found = made.inference.find(values, samples=3, asked=Asked(), held=frozenset({"z"}))
    assert found.assignment == {}
    torch.testing.assert_close(found.value, made.energy({"y": y, "z": z}))


def test_f_is_a_function_of_what_was_found() -> None:
    for text, shape in ((SPARSE, (8,)), (MIXTURE, (2,))):
        made = module(text)
        found = made.solve({"y": samples(3, *shape)})
        values = {**made.weights, "y": samples(3, *shape), **found.assignment}
        free = made.inference.free(3, asked=Asked())
        torch.testing.assert_close(free(values), found.value)


def test_an_inference_names_what_it_depends_on() -> None:
    made = module(SPARSE)
    assert {each.name for each in made.inference.needs} == {"y", "z", "W"}
    assert made.inference.opened(("y",)) is made.inference
    assert isinstance(made.inference, Inference)
