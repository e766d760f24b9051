"""Mining: the others of a batch in the order in which they tell the most."""

from __future__ import annotations

import torch

from ebmdsl.lower.points import named
from ebmdsl.lower.seed import Randomness
from ebmdsl.runtime.mining import ranked
from ebmdsl.runtime.negatives import Negatives
from ebmdsl.runtime.samples import Samples
from ebmdsl.runtime.states import States
from tests.lower.programs import module, samples

PAIR = """model pair
given x : real[2]
observed y : real[2]
param W : real[2, 2]
cost far = sq(W @ x - y)
"""


def test_the_hard_ones_are_those_of_least_energy() -> None:
    square = torch.tensor([[2.0, 1.0, 3.0], [5.0, 1.0, 0.5], [0.0, 4.0, 2.0]])
    assert ranked(square, "hard").tolist() == [[1, 2], [2, 0], [0, 1]]
    assert ranked(square, "easy").tolist() == [[2, 1], [0, 2], [1, 0]]
    assert ranked(square, "semihard").tolist() == [[2, 1], [0, 2], [1, 0]]


def drawn(word: str, n: int = 6) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the points, the energies of all pairs, and the samples."""
    text = f"{PAIR}negative yn[j in 1..2] from {word}\ntrain by minimize(F - mean[j](F(yn[j])))"
    made = module(text)
    values = {"x": samples(n, 2), "y": samples(n, 2, seed=5)}
    held = Samples(values, {}, n)
    negatives = Negatives(made, States(made), samples=held)
    known = {**values, **named(made.solve(values))}
    points = negatives.find(known, rows=torch.arange(n), randomness=Randomness())["yn"]
    w = made.get_parameter("W").detach()
    pairs = ((values["x"] @ w.T).unsqueeze(1) - values["y"]).square().sum(-1)
    return points, pairs, values["y"]


def test_points_are_mined_by_the_energy_of_the_pair() -> None:
    points, pairs, y = drawn("mine(y, kind = hard)")
    others = pairs.clone().fill_diagonal_(torch.inf)
    expected = y[others.argsort(1)[:, :2]]
    torch.testing.assert_close(points, expected)


def test_points_are_mined_by_a_distance() -> None:
    points, _, y = drawn("mine(y, by = sq(x - y), kind = easy)")
    x = samples(6, 2)
    far = (x.unsqueeze(1) - y).square().sum(-1).fill_diagonal_(-1)
    torch.testing.assert_close(points, y[far.argsort(1, descending=True)[:, :2]])
