"""Neighbors: one entry is another in each, and those that are data are told apart."""

from __future__ import annotations

import torch

from ebmdsl.check.model import Declared
from ebmdsl.runtime.neighbors import Neighbors, turned
from tests.lower.programs import module

ENERGY = "param b : real\ncost e = b * sum(u)\n"


def points(lines: str, energy: str = ENERGY) -> Declared:
    made = module(f"model m\n{lines}\n{energy}train by minimize(F)\n")
    (declared,) = made.plan.model.with_role("negative")
    return declared


def neighbors(lines: str, y: torch.Tensor) -> torch.Tensor:
    declared = points(lines)
    assert declared.drawn is not None
    return turned(declared, declared.drawn, y=y)


def test_bits_and_spins_turn_over() -> None:
    y = torch.tensor([[0.0, 1.0, 1.0]])
    found = neighbors("observed u : binary[3]\nnegative yf[i] from flip(u, i)", y)
    assert found.tolist() == [[[1, 1, 1], [0, 0, 1], [0, 1, 0]]]
    found = neighbors("observed u : spin[3]\nnegative yf[i] from flip(u, i, -1, 1)", 2 * y - 1)
    assert found.tolist() == [[[1, 1, 1], [-1, -1, 1], [-1, 1, -1]]]


def test_some_entries_only() -> None:
    y = torch.zeros(2, 4)
    found = neighbors("observed u : binary[4]\nnegative yf[i in 1..2] from flip(u, i)", y)
    assert found.shape == (2, 2, 4)
    assert found[0].tolist() == [[0, 1, 0, 0], [0, 0, 1, 0]]


def test_grids_keep_their_shape() -> None:
    found = neighbors(
        "observed u : binary[2, 3]\nnegative yf[i] from flip(u, i)", torch.zeros(1, 2, 3)
    )
    assert found.shape == (1, 6, 2, 3)
    assert torch.equal(found.flatten(2)[0], torch.eye(6))


def test_signs_become_every_other_sign() -> None:
    lines = (
        "observed u[t in 1..2] : token[4]\nnegative yf[i in 1..2, v in 1..3] from flip(u, i, v)"
    )
    declared = points(lines, "param A : real[4, 4]\ncost e[t] = A[u[t], u[t]]\n")
    assert declared.drawn is not None
    found = turned(declared, declared.drawn, y=torch.tensor([[3, 1]]))
    assert found.shape == (1, 2, 3, 2)
    assert found[0, 0].tolist() == [[0, 1], [1, 1], [2, 1]]
    assert found[0, 1].tolist() == [[3, 2], [3, 3], [3, 0]]


def test_the_one_of_an_entry_moves_on() -> None:
    y = torch.eye(3)[[2]]
    found = neighbors("observed u : onehot[3]\nnegative yf[i, v in 1..2] from flip(u, i, v)", y)
    assert found.shape == (1, 1, 2, 3)
    assert found[0, 0].tolist() == [[1, 0, 0], [0, 1, 0]]


def test_what_is_data_is_no_neighbor() -> None:
    data = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
    y = data[:1]
    close = neighbors("observed u : binary[3]\nnegative yf[i] from flip(u, i)", y)
    found = Neighbors(data).without(close, y)
    assert found.tolist() == [[[0, 0, 1], [0, 1, 1], [0, 0, 0]]]
    alone = Neighbors(data[:1]).without(close, y)
    assert torch.equal(alone, close)
