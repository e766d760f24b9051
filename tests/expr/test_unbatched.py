"""A value that all samples share is computed once."""

from __future__ import annotations

import torch

from ebmdsl.expr.node import Op, walk
from ebmdsl.expr.unbatched import unbatched
from ebmdsl.lower.energy import evaluate
from tests.lower.programs import MIXTURE, module, samples


def test_the_value_at_a_shared_state_is_that_of_equal_rows() -> None:
    model = module(MIXTURE)
    energy = model.plan.energy
    shared = unbatched(energy, ("z",))
    y, state = samples(5, 2), torch.eye(4, dtype=torch.float64)[2]
    found = evaluate(shared, {**model.weights, "y": y, "z": state})
    rows = evaluate(energy, {**model.weights, "y": y, "z": state.expand(5, 4)})
    torch.testing.assert_close(found, rows)


def test_what_depends_on_it_alone_has_no_batch_axis() -> None:
    shared = unbatched(module(MIXTURE).plan.energy, ("z",))
    products = [node for node in walk(shared) if node.op is Op.MATMUL]
    assert products
    assert not any(node.per_sample for node in products)
