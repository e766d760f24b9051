"""Pools and what reverses them, against the same thing said in another way."""

from __future__ import annotations

from math import isclose, pi
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from ebmdsl.concepts.context import Context
from ebmdsl.concepts.facts import Smoothness
from ebmdsl.concepts.pipes import Pipe
from tests.laws.cases import generator
from tests.laws.test_layers import EXAMPLES, inputs, layer, weights

EVAL = Context()
SMOOTH = [
    (word, options, shape)
    for word, options, shape in EXAMPLES
    if layer(word, options).seen().smoothness is Smoothness.ANALYTIC
]


def evaluated(word: str, x: Tensor, **options: Any) -> Tensor:
    """Evaluate a layer without weights."""
    return layer(word, options).apply(x, {}, context=EVAL)


def one_hot_map(channels: int, height: int, width: int, seed: int) -> Tensor:
    """Return a picture of zeros with a one in one random place for each of a few samples."""
    places = torch.randint(0, channels * height * width, (16,), generator=generator(seed))
    rows = functional.one_hot(places, channels * height * width).double()
    return rows.reshape(16, channels, height, width)


@pytest.mark.parametrize(("word", "options", "shape"), SMOOTH, ids=str)
def test_gradients_of_smooth_layers_are_those_of_finite_differences(
    word: str, options: dict[str, Any], shape: tuple[int, ...]
) -> None:
    made = layer(word, options)
    held = weights(made, shape)
    x = inputs(shape, 2).requires_grad_()
    given = [each.requires_grad_() for each in held.values()]

    def value(x: Tensor, *given: Tensor) -> Tensor:
        return made.apply(x, dict(zip(held, given, strict=True)), context=EVAL)

    assert torch.autograd.gradcheck(value, (x, *given))


def test_at_zero_beta_what_is_the_mean_and_where_the_center() -> None:
    x = inputs((4, 4, 6))
    out = evaluated("phase_pool", x, features=2, space=2, beta=0.0)
    mean = functional.avg_pool2d(x, 2).unflatten(1, (2, 2)).mean(2)
    torch.testing.assert_close(out[:, 0], mean)
    torch.testing.assert_close(out[:, 1:], torch.zeros_like(out[:, 1:]))


def test_at_large_beta_what_is_the_maximum_and_where_its_place() -> None:
    order = torch.randperm(4 * 6 * 6, generator=generator(3)).double()
    x = order.reshape(1, 4, 6, 6)  # any two entries differ by at least 1: beta times that is 40
    out = evaluated("phase_pool", x, features=2, space=3, beta=40.0)
    assert out.shape == (1, 4, 2, 2, 2)
    for pool, row, column in torch.cartesian_prod(*[torch.arange(2)] * 3).tolist():
        window = x[
            0, 2 * pool : 2 * pool + 2, 3 * row : 3 * row + 3, 3 * column : 3 * column + 3
        ]
        largest = int(window.flatten().argmax())
        place = torch.tensor(
            [2.0 * (largest // 9) - 1, largest // 3 % 3 - 1.0, largest % 3 - 1.0]
        ).double()
        found = out[0, :, pool, row, column]
        torch.testing.assert_close(found[0], window.max(), atol=1e-4, rtol=0)
        torch.testing.assert_close(found[1:], place, atol=1e-4, rtol=0)


def test_pools_may_overlap_along_the_features() -> None:
    x = inputs((6, 2, 2))
    out = evaluated("phase_pool", x, features=4, space=2, stride=2, beta=2.0)
    assert out.shape == (6, 4, 2, 1, 1)
    alone = evaluated("phase_pool", x[:, 2:], features=4, space=2, beta=2.0)
    torch.testing.assert_close(out[:, :, 1:], alone)


def test_the_phase_of_a_bump_that_moves_is_linear_in_time() -> None:
    times = torch.linspace(-1.5, 1.5, 13).double()
    places = torch.arange(9).double() - 4
    bump = torch.exp(-((places - times[:, None]) ** 2) / (2 * 1.5**2))
    x = bump[:, None, None, :].expand(-1, 1, 9, -1)
    out = evaluated("phase_pool", x, features=1, space=9, beta=10.0)
    phase = out[:, -1, 0, 0, 0]
    fit = torch.corrcoef(torch.stack([times, phase]))[0, 1] ** 2
    assert fit > 0.98


@pytest.mark.parametrize(
    ("pool", "back", "shape"),
    [
        ({"features": 2, "space": 2}, {"size": 2}, (4, 4, 6)),
        ({"features": 1, "space": 3}, {"size": 3}, (3, 3, 6)),
        ({"features": 3, "space": 1}, {"size": 1, "features": 3}, (6, 2, 2)),
        ({"features": 4, "space": 2}, {"size": 2, "features": 4}, (8, 4, 2)),
    ],
)
def test_what_is_pooled_is_put_back(
    pool: dict[str, Any], back: dict[str, Any], shape: tuple[int, int, int]
) -> None:
    x = one_hot_map(*shape, seed=1)
    both = Pipe((layer("phase_pool", {**pool, "beta": 60.0}), layer("unpool", back)))
    assert both.shape(shape) == shape
    torch.testing.assert_close(both.apply(x, {}, context=EVAL), x, atol=1e-6, rtol=0)


def test_unpool_takes_what_and_where() -> None:
    made, pool = layer("unpool", {"size": 2}), layer("phase_pool", {"features": 2, "space": 2})
    (_, what), (_, where) = pool.outputs((4, 4, 6))
    assert (what, where) == ((2, 2, 3), (3, 2, 2, 3))
    assert made.joined((what, where)) == pool.shape((4, 4, 6)) == (4, 2, 2, 3)


def test_half_way_between_two_places_both_get_half() -> None:
    x = torch.tensor([3.0, 0.0, -1.0]).reshape(1, 3, 1, 1, 1)
    out = evaluated("unpool", x, size=2)
    torch.testing.assert_close(out, torch.tensor([[[[1.5, 0.0], [1.5, 0.0]]]]))


def test_overlapping_pools_are_added_up() -> None:
    x = torch.tensor([[1.0, 2.0], [1.0, -1.0]]).reshape(1, 2, 2, 1, 1)
    out = evaluated("unpool", x, size=1, features=2, stride=1)
    torch.testing.assert_close(out.flatten(), torch.tensor([0.0, 3.0, 0.0]))


@pytest.mark.parametrize("pad", ["valid", 1])
@pytest.mark.parametrize("stride", [1, 2])
def test_upconv_is_the_transpose_of_conv(pad: str | int, stride: int) -> None:
    down = layer(
        "conv", {"channels": 3, "width": 3, "stride": stride, "pad": pad, "bias": "none"}
    )
    up = layer(
        "upconv", {"channels": 2, "width": 3, "stride": stride, "pad": pad, "bias": "none"}
    )
    held = weights(down, (2, 7, 9))
    x = inputs((2, 7, 9))
    y = down.apply(x, held, context=EVAL)
    v = inputs(tuple(y.shape[1:]), seed=4)
    back = up.apply(v, held, context=EVAL)
    assert back.shape == x.shape
    torch.testing.assert_close((y * v).sum(), (x * back).sum())


def test_an_upconv_with_a_stride_makes_a_picture_as_many_times_as_large() -> None:
    for width in (2, 3, 4, 5):
        made = layer("upconv", {"channels": 1, "width": width, "stride": 2})
        assert made.shape((3, 7, 5)) == (1, 14, 10)


def test_pools_of_pictures() -> None:
    x = torch.tensor([[3.0, 4.0, 0.0, 0.0], [0.0, 0.0, 0.0, 2.0]]).reshape(1, 1, 2, 4)
    assert evaluated("max_pool", x, width=2).flatten().tolist() == [4, 2]
    assert evaluated("avg_pool", x, width=2).flatten().tolist() == [1.75, 0.5]
    assert evaluated("l2_pool", x, width=2, eps=0.0).flatten().tolist() == [5, 2]
    assert evaluated("upsample", x, times=2).shape == (1, 1, 4, 8)


def test_local_kernels_are_those_of_a_conv_where_they_are_all_the_same() -> None:
    x, kernels = inputs((2, 5, 6)), inputs((2, 3, 3), 4, seed=8)
    alike = kernels.flatten(1).expand(3, 4, 4, 18)
    made = layer("local", {"channels": 4, "width": 3, "bias": "none"})
    out = made.apply(x, {"weight": alike}, context=EVAL)
    torch.testing.assert_close(out, functional.conv2d(x, kernels))


def test_normalized_samples_have_mean_square_one() -> None:
    x = 3 * inputs((5,))
    ones = {"weight": torch.ones(5).double(), "bias": torch.zeros(5).double()}
    normal = layer("ln", {"eps": 0.0}).apply(x, ones, context=EVAL)
    torch.testing.assert_close(normal.mean(1), torch.zeros(6).double())
    torch.testing.assert_close(normal.square().mean(1), torch.ones(6).double())
    root = layer("rms", {"eps": 0.0}).apply(x, ones, context=EVAL)
    torch.testing.assert_close(root, x / x.square().mean(1, keepdim=True).sqrt())
    pixels = evaluated("pixel_norm", inputs((3, 2, 2)), eps=0.0)
    torch.testing.assert_close(pixels.square().mean(1), torch.ones(6, 2, 2).double())


def test_gelu_and_shrink_by_hand() -> None:
    x = torch.tensor([[-2.0, -0.3, 0.0, 0.3, 2.0]])
    held = {"threshold": torch.tensor([0.5, 0.5, 0.5, 0.1, 0.0])}
    out = layer("shrink", {}).apply(x, held, context=EVAL)
    torch.testing.assert_close(out, torch.tensor([[-1.5, 0.0, 0.0, 0.2, 2.0]]))
    slope = evaluated("gelu", torch.tensor([[1e-4]]))
    assert isclose(float(slope) / 1e-4, 0.5 + 1e-4 / (2 * pi) ** 0.5, rel_tol=1e-4)
