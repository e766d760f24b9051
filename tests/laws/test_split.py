"""The laws of words that give one number for a whole split: what other libraries say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from ebmdsl.concepts.shape import Misfit
from tests.laws.cases import OVER_SPLIT, generator, with_options

Shapes = tuple[tuple[int, ...], ...]
SHAPES: dict[str, Shapes] = {
    "accuracy": ((10,), ()),
    "auc": ((), ()),
    "knn": ((5,), ()),
    "linear_probe": ((5,), ()),
    "mmd2": ((4,), (4,)),
}
REFUSED: list[tuple[str, dict[str, Any], Shapes]] = [
    ("accuracy", {}, ((10,), (9,))),
    ("auc", {}, ((), (3,))),
    ("knn", {"neighbors": 0}, ((5,), ())),
    ("knn", {}, ((5,), (3, 3))),
    ("linear_probe", {"labels": 0.0}, ((5,), ())),
    ("linear_probe", {}, ((5,), (3, 3))),
    ("mmd2", {}, ((4,), (5,))),
]


def clouds(count: int = 300) -> tuple[Tensor, Tensor]:
    """Draw three overlapping clouds in five dimensions, with their classes."""
    classes = torch.randint(0, 3, (count,), generator=generator())
    centers = torch.randn(3, 5, generator=generator(1), dtype=torch.float64)
    noise = torch.randn(count, 5, generator=generator(2), dtype=torch.float64)
    return centers[classes] + noise, classes


def test_every_word_over_a_split_is_tried() -> None:
    assert set(OVER_SPLIT) == set(SHAPES)


@pytest.mark.parametrize("word", OVER_SPLIT)
def test_samples_become_one_number(word: str) -> None:
    assert with_options(word).shape(*SHAPES[word]) == ()
    columns = [torch.rand(40, *shape, generator=generator()) for shape in SHAPES[word]]
    if word in ("accuracy", "knn", "linear_probe"):
        columns[1] = torch.randint(0, 3, (40,), generator=generator(1))
    assert with_options(word).value(*columns).shape == ()
    assert with_options(word).value(*columns).dtype is torch.float32


@pytest.mark.parametrize(("word", "options", "given"), REFUSED, ids=str)
def test_columns_that_do_not_fit_are_refused_with_a_reason(
    word: str, options: dict[str, Any], given: Shapes
) -> None:
    refused = with_options(word, **options).shape(*given)
    assert isinstance(refused, Misfit)
    assert refused.reason


def test_the_area_is_that_of_another_library() -> None:
    low = torch.randn(60, generator=generator(), dtype=torch.float64).round(decimals=1)
    high = torch.randn(90, generator=generator(1), dtype=torch.float64).round(decimals=1) + 0.5
    kinds = np.repeat([0, 1], [60, 90])
    theirs = roc_auc_score(kinds, torch.cat([low, high]).numpy())
    assert float(with_options("auc").value(low, high)) == pytest.approx(theirs, abs=1e-12)


def test_neighbors_vote_as_in_another_library() -> None:
    features, classes = clouds()
    for count in (1, 3):
        right = 0.0
        for left_out in range(len(features)):
            rest = torch.arange(len(features)) != left_out
            vote = KNeighborsClassifier(count).fit(features[rest], classes[rest])
            right += float(
                vote.predict(features[left_out : left_out + 1])[0] == classes[left_out]
            )
        ours = with_options("knn", neighbors=count).value(features, classes)
        assert float(ours) == pytest.approx(right / len(features), abs=0.01)


def test_a_probe_is_the_regression_of_another_library() -> None:
    features, classes = clouds(400)
    order = torch.randperm(400, generator=torch.Generator().manual_seed(0))
    seen, judged = order[:200], order[200:]
    mean, spread = features[seen].mean(0), features[seen].std(0, correction=0) + 1e-3
    scaled = ((features - mean) / spread).numpy()
    theirs = LogisticRegression(C=0.1, tol=1e-8, max_iter=1000)
    theirs.fit(scaled[seen], classes[seen].numpy())
    score = theirs.score(scaled[judged], classes[judged].numpy())
    ours = with_options("linear_probe", labels=0.5).value(features, classes)
    assert float(ours) == pytest.approx(score, abs=0.003)


def test_one_hot_labels_and_tokens_are_judged_alike() -> None:
    features, classes = clouds()
    spread = torch.nn.functional.one_hot(classes).double()
    for word in ("knn", "linear_probe"):
        judge = with_options(word).value
        assert torch.equal(judge(features, classes), judge(features, spread))
    scores = torch.randn(300, 3, generator=generator(4), dtype=torch.float64)
    judge = with_options("accuracy").value
    assert torch.equal(judge(scores, classes), judge(scores, spread))
    assert judge(spread, classes) == 1


def test_one_law_differs_from_itself_by_nothing_and_from_another_by_much() -> None:
    a, b = (torch.randn(500, 4, generator=generator(i), dtype=torch.float64) for i in (0, 1))
    distance = with_options("mmd2").value
    assert abs(float(distance(a, b))) < 0.005
    assert float(distance(a + 1, b)) > 0.1


def test_the_distance_of_clouds_is_what_the_sums_say() -> None:
    a, b = (torch.randn(9, 2, generator=generator(i), dtype=torch.float64) for i in (0, 1))
    width = torch.pdist(b).median()

    def kernel(u: Tensor, v: Tensor) -> Tensor:
        return torch.exp(-(u - v).square().sum() / (2 * width**2))

    within = [
        sum(kernel(x[i], x[j]) for i in range(9) for j in range(9) if i != j) / 72
        for x in (a, b)
    ]
    across = sum(kernel(u, v) for u in a for v in b) / 81
    found = with_options("mmd2").value(a, b)
    torch.testing.assert_close(found, within[0] + within[1] - 2 * across)
