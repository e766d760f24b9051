"""Distinct answers: merged within a radius, best first, nothing unproved beside the best."""

from __future__ import annotations

import torch

from ebmdsl.lower.minima import distinct

POINTS = torch.tensor(
    [
        [[1.0, 0.0], [-1.0, 0.0], [1.0005, 0.0], [3.0, 0.0]],
        [[0.0, 0.0], [0.0, 0.0], [5.0, 0.0], [-5.0, 0.0]],
    ]
)
VALUES = torch.tensor([[2.0, 1.0, 2.1, 0.5], [torch.nan, 4.0, 3.0, torch.inf]])
PROVED = torch.tensor([[True, True, True, False], [True, False, True, True]])


def test_answers_are_ranked_and_merged() -> None:
    ranked = distinct(POINTS, VALUES, proved=PROVED)
    assert ranked.order.tolist()[0] == [3, 1, 0]
    assert ranked.kept.tolist() == [[True, True, True], [True, False, False]]
    assert ranked.order[1, 0] == 2
    assert ranked.pick(POINTS)[0, :, 0].tolist() == [3.0, -1.0, 1.0]
    assert ranked.pick(VALUES)[0].tolist() == [0.5, 1.0, 2.0]


def test_the_radius_grows_with_the_points() -> None:
    far = POINTS * 1000
    assert distinct(far, VALUES, proved=PROVED).kept.sum(1).tolist() == [3, 1]
    assert distinct(far, VALUES, proved=PROVED, radius=1e-5).kept.sum(1).tolist() == [4, 1]


def test_a_sample_without_any_number_keeps_one_answer() -> None:
    ranked = distinct(POINTS, VALUES * torch.nan, proved=PROVED)
    assert ranked.kept.tolist() == [[True], [True]]


def test_no_samples_have_no_answers() -> None:
    ranked = distinct(POINTS[:0], VALUES[:0], proved=PROVED[:0])
    assert ranked.order.shape == (0, 1)
