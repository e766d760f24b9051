"""The laws of layers: declared weights and shapes are the real ones, and facts are true."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, prod
from typing import Any, cast

import pytest
import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from ebmdsl.concepts.base import find, words
from ebmdsl.concepts.context import Context
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Constraint, Law, Layer, Weight
from ebmdsl.concepts.shape import Misfit
from tests.laws.cases import generator, some_zeros
from tests.laws.facts import LAWS

WORDS = words(Layer)
Shape = tuple[int, ...]
EVAL = Context()
# Options and the shape of one sample; the facts are tried on the first entry of a word.
EXAMPLES: list[tuple[str, dict[str, Any], Shape]] = [
    ("avg_pool", {"width": 2}, (1, 2, 4)),
    ("avg_pool", {"width": 3, "stride": 2}, (2, 7, 6)),
    ("bn", {}, (3, 4, 4)),
    ("bn", {}, (5,)),
    ("clamp", {"low": -1.0, "high": 1.0}, (5,)),
    ("conv", {"channels": 2, "width": 3}, (1, 3, 3)),
    ("conv", {"channels": 4, "width": 3, "stride": 2}, (2, 7, 8)),
    ("conv", {"channels": 4, "width": 5, "pad": "full", "bias": "none"}, (2, 7, 8)),
    ("conv", {"channels": 4, "width": 3, "pad": "same"}, (2, 7, 8)),
    ("conv", {"channels": 4, "width": 3, "pad": 2}, (2, 7, 8)),
    ("conv1d", {"channels": 3, "width": 3}, (2, 2)),
    ("conv1d", {"channels": 4, "width": 5, "bias": "none"}, (9, 3)),
    ("dropout", {"rate": 0.3}, (5,)),
    ("embed", {"size": 3}, (5,)),
    ("embed", {"size": 3}, (4, 6)),
    ("flatten", {}, (2, 3)),
    ("flatten", {}, ()),
    ("gain", {}, (5,)),
    ("gain", {}, (3, 4, 4)),
    ("gain", {}, (7, 3)),
    ("gelu", {}, (5,)),
    ("l2_pool", {"width": 2, "eps": 0.1}, (1, 2, 4)),
    ("linear", {"size": 4}, (5,)),
    ("linear", {"size": 4, "bias": "none"}, (2, 5)),
    ("ln", {"eps": 0.1}, (5,)),
    ("ln", {}, (4, 3)),
    ("local", {"channels": 2, "width": 2}, (1, 2, 2)),
    ("local", {"channels": 3, "width": 3, "stride": 2}, (2, 5, 7)),
    ("local", {"channels": 2, "width": 2, "bias": "none"}, (1, 3, 3)),
    ("lrelu", {"slope": 0.2}, (5,)),
    ("max_pool", {"width": 2}, (1, 2, 4)),
    ("max_pool", {"width": 3, "stride": 2}, (2, 7, 6)),
    ("pad", {"width": 2}, (3, 4)),
    ("pad", {"width": 1}, (2, 3, 4)),
    ("phase_pool", {"features": 2, "space": 2}, (2, 2, 4)),
    ("phase_pool", {"features": 4, "space": 2, "stride": 2}, (8, 4, 4)),
    ("phase_pool", {"features": 1, "space": 3, "beta": 5.0}, (2, 3, 6)),
    ("phase_pool", {"features": 3, "space": 1}, (6, 2, 2)),
    ("pixel_norm", {"eps": 0.1}, (3, 1, 2)),
    ("positions", {}, (3, 2)),
    ("relu", {}, (5,)),
    ("repeat", {"times": 2, "body": ("linear", {"size": 5})}, (5,)),
    ("repeat", {"times": 3, "body": ("conv1d", {"channels": 2, "width": 3})}, (4, 2)),
    ("reshape", {"sizes": (3, 2)}, (6,)),
    ("residual", {"body": ("tanh", {})}, (5,)),
    ("residual", {"body": ("linear", {"size": 5})}, (2, 5)),
    ("rms", {"eps": 0.1}, (5,)),
    ("rms", {}, (4, 3)),
    ("shrink", {}, (5,)),
    ("shrink", {}, (3, 4, 4)),
    ("sigmoid", {}, (5,)),
    ("silu", {}, (5,)),
    ("softmax", {}, (5,)),
    ("softmax", {"beta": 3.0}, (4, 3)),
    ("softplus", {}, (5,)),
    ("stack", {"times": 2, "body": ("linear", {"size": 4})}, (5,)),
    ("stack", {"times": 2, "body": ("conv", {"channels": 2, "width": 3})}, (1, 6, 6)),
    ("tanh", {}, (5,)),
    ("unpool", {"size": 2}, (4, 1, 1, 2)),
    ("unpool", {"size": 3}, (3, 2, 1, 2)),
    ("unpool", {"size": 1, "features": 3}, (2, 2, 2, 2)),
    ("unpool", {"size": 2, "features": 4, "stride": 2}, (4, 3, 2, 2)),
    ("upconv", {"channels": 2, "width": 3}, (1, 2, 2)),
    ("upconv", {"channels": 2, "width": 4, "stride": 2}, (3, 3, 4)),
    ("upconv", {"channels": 2, "width": 3, "stride": 2, "bias": "none"}, (3, 3, 4)),
    ("upconv", {"channels": 2, "width": 3, "stride": 3, "pad": "valid"}, (1, 2, 4)),
    ("upconv", {"channels": 2, "width": 5, "pad": 1}, (1, 2, 4)),
    ("upsample", {"times": 2}, (1, 2, 2)),
    ("upsample", {"times": 3}, (2, 1, 2)),
    ("unit", {}, (5,)),
]
REFUSED: list[tuple[str, dict[str, Any], Shape]] = [
    ("avg_pool", {"width": 3}, (1, 2, 4)),
    ("l2_pool", {"width": 0}, (1, 2, 4)),
    ("ln", {}, ()),
    ("ln", {}, (3, 4, 4)),
    ("local", {"channels": 0, "width": 2}, (1, 3, 3)),
    ("local", {"channels": 2, "width": 4}, (1, 3, 3)),
    ("max_pool", {"width": 2}, (4, 4)),
    ("phase_pool", {"features": 2, "space": 2}, (2, 4)),
    ("phase_pool", {"features": 1, "space": 1}, (2, 4, 4)),
    ("phase_pool", {"features": 3, "space": 2}, (2, 4, 4)),
    ("phase_pool", {"features": 2, "space": 3}, (2, 4, 4)),
    ("phase_pool", {"features": 2, "space": 2}, (3, 4, 4)),
    ("pixel_norm", {}, (4,)),
    ("positions", {}, (4,)),
    ("rms", {}, ()),
    ("softmax", {}, ()),
    ("unpool", {"size": 2}, (3, 4, 4)),
    ("unpool", {"size": 2}, (5, 4, 1, 1)),
    ("unpool", {"size": 1}, (4, 4, 1, 1)),
    ("unpool", {"size": 2, "features": 2}, (3, 4, 1, 1)),
    ("upconv", {"channels": 2, "width": 3}, (3, 3)),
    ("upconv", {"channels": 0, "width": 3}, (1, 3, 3)),
    ("upconv", {"channels": 2, "width": 2, "stride": 3}, (1, 3, 3)),
    ("upconv", {"channels": 2, "width": 3, "pad": "full"}, (1, 3, 3)),
    ("upconv", {"channels": 2, "width": 3, "pad": 4}, (1, 3, 3)),
    ("upsample", {"times": 0}, (1, 3, 3)),
    ("upsample", {"times": 2}, (3, 3)),
    ("bn", {}, ()),
    ("clamp", {"low": 1.0, "high": 0.0}, (3,)),
    ("conv", {"channels": 2, "width": 3}, (3, 3)),
    ("conv", {"channels": 2, "width": 5}, (1, 3, 3)),
    ("conv", {"channels": 0, "width": 3}, (1, 3, 3)),
    ("conv", {"channels": 2, "width": 3, "pad": "some"}, (1, 3, 3)),
    ("conv", {"channels": 2, "width": 3, "pad": -1}, (1, 3, 3)),
    ("conv", {"channels": 2, "width": 4, "pad": "same"}, (1, 3, 3)),
    ("conv1d", {"channels": 2, "width": 4}, (9, 3)),
    ("conv1d", {"channels": 2, "width": 3}, (9,)),
    ("dropout", {"rate": 1.0}, (3,)),
    ("embed", {"size": 3}, ()),
    ("linear", {"size": 3}, ()),
    ("linear", {"size": 0}, (3,)),
    ("lrelu", {"slope": 2.0}, (3,)),
    ("pad", {"width": 1}, (3,)),
    ("repeat", {"times": 2, "body": ("linear", {"size": 4})}, (5,)),
    ("repeat", {"times": 0, "body": ("relu", {})}, (5,)),
    ("reshape", {"sizes": (2, 2)}, (3,)),
    ("residual", {"body": ("linear", {"size": 4})}, (5,)),
    ("stack", {"times": 0, "body": ("relu", {})}, (5,)),
    ("stack", {"times": 3, "body": ("conv", {"channels": 2, "width": 3})}, (1, 6, 6)),
]
UNPROVED = {"bn", "dropout"}  # in training other samples, or noise, are seen as well
OFFSET = {"positions"}  # to claim that it rises would be to claim that it keeps signs
EACH = pytest.mark.parametrize(("word", "options", "shape"), EXAMPLES, ids=str)


def layer(word: str, options: dict[str, Any]) -> Layer:
    """Return a layer with these options; a body is written as a word with its options."""
    kind = cast("Any", find(Layer, word))
    body = {"body": layer(*options["body"])} if "body" in options else {}
    made: Layer = kind(**(options | body))
    return made


def weights(made: Layer, shape: Shape) -> dict[str, Tensor]:
    """Draw every weight at random, as far as it may be; statistics are as they start."""
    rng = generator(5)
    return {
        each.name: kept(each, torch.randn(each.shape, generator=rng, dtype=torch.float64))
        if each.learned
        else started(each)
        for each in made.weights(shape)
    }


def started(weight: Weight) -> Tensor:
    law: Law = cast("Any", find(Law, weight.init))()
    return law.draw(weight.shape, generator()).double()


def kept(weight: Weight, value: Tensor) -> Tensor:
    """Start a weight that keeps something at one, where kinks are looked for."""
    if not weight.keeps:
        return value
    constraint: Constraint = cast("Any", find(Constraint, weight.keeps))()
    return constraint.project(torch.ones_like(value))


def inputs(shape: Shape, count: int = 6, seed: int = 0) -> Tensor:
    """Draw a batch."""
    return torch.randn(count, *shape, generator=generator(seed), dtype=torch.float64)


def declared(made: Layer, shape: Shape) -> Shape:
    """Return the shape that a layer declares."""
    found = made.shape(shape)
    assert not isinstance(found, Misfit)
    return found


@dataclass(frozen=True)
class Seen:
    """A layer as a function of its input, at random weights."""

    made: Layer
    shape: Shape
    whole: bool = False
    interval: tuple[float, float] = (-inf, inf)

    @property
    def facts(self) -> Facts:
        """What the layer claims."""
        return self.made.seen()

    @property
    def size(self) -> int:
        """How many numbers one sample has."""
        return prod(self.shape)

    def fixed(self, rng: torch.Generator) -> Callable[[Tensor], Tensor]:
        """Return the layer as a function of rows."""
        del rng
        held = weights(self.made, self.shape)
        return lambda rows: self.made.apply(
            rows.reshape(len(rows), *self.shape), held, context=EVAL
        ).flatten(1)

    def rows(self, count: int, rng: torch.Generator, *, scale: float = 2.0) -> Tensor:
        """Draw points."""
        rows = scale * torch.randn(count, self.size, generator=rng, dtype=torch.float64)
        return some_zeros(rows, rng)


def firsts() -> list[tuple[str, Seen]]:
    """List the first example of every layer."""
    found: dict[str, Seen] = {}
    for word, options, shape in EXAMPLES:
        found.setdefault(word, Seen(layer(word, options), shape, whole=word in OFFSET))
    return list(found.items())


def test_every_layer_has_an_example() -> None:
    assert {word for word, _, _ in EXAMPLES} == set(WORDS)


@EACH
def test_the_shape_is_the_shape_of_the_output(
    word: str, options: dict[str, Any], shape: Shape
) -> None:
    made = layer(word, options)
    out = made.apply(inputs(shape), weights(made, shape), context=EVAL)
    assert out.shape == (6, *declared(made, shape))
    assert out.dtype is torch.float64


@EACH
def test_an_empty_batch_gives_an_empty_batch(
    word: str, options: dict[str, Any], shape: Shape
) -> None:
    made = layer(word, options)
    out = made.apply(inputs(shape, 0), weights(made, shape), context=EVAL)
    assert out.shape == (0, *declared(made, shape))


@EACH
def test_rows_follow_their_samples(word: str, options: dict[str, Any], shape: Shape) -> None:
    made, x = layer(word, options), inputs(shape)
    held, order = weights(made, shape), torch.tensor([3, 0, 5, 1, 4, 2])
    out = made.apply(x, held, context=EVAL)
    torch.testing.assert_close(made.apply(x[order], held, context=EVAL), out[order])
    alone = torch.cat([made.apply(x[i : i + 1], held, context=EVAL) for i in range(len(x))])
    torch.testing.assert_close(alone, out)


@EACH
def test_every_declared_weight_is_used(
    word: str, options: dict[str, Any], shape: Shape
) -> None:
    made = layer(word, options)
    held = {name: w.requires_grad_() for name, w in weights(made, shape).items()}
    out = made.apply(inputs(shape), held, context=EVAL)
    if held:
        slopes = torch.autograd.grad(out.square().sum(), list(held.values()))
        assert all(bool(slope.abs().sum() > 0) for slope in slopes)
    assert len({each.name for each in made.weights(shape)}) == len(held)


@EACH
def test_initial_values_have_a_law_and_keep_the_scale(
    word: str, options: dict[str, Any], shape: Shape
) -> None:
    for each in layer(word, options).weights(shape):
        assert find(Law, each.init) is not None
        assert each.scale > 0


@EACH
def test_layers_trace_with_any_batch(word: str, options: dict[str, Any], shape: Shape) -> None:
    made = layer(word, options)
    held = weights(made, shape)
    traced = make_fx(lambda x, w: made.apply(x, w, context=EVAL), tracing_mode="symbolic")
    x = inputs(shape, 5, seed=1)
    torch.testing.assert_close(  # traced at a size that no other axis has
        traced(inputs(shape, 11), held)(x, held), made.apply(x, held, context=EVAL)
    )


@pytest.mark.parametrize(("word", "seen"), firsts(), ids=lambda value: str(value)[:12])
@pytest.mark.parametrize("fact", LAWS)
def test_facts_are_true_and_tight(word: str, seen: Seen, fact: str) -> None:
    if word not in UNPROVED:
        LAWS[fact](seen)
    else:
        assert seen.facts == Facts()


@pytest.mark.parametrize(("word", "options", "shape"), REFUSED, ids=str)
def test_inputs_that_do_not_fit_are_refused_with_a_reason(
    word: str, options: dict[str, Any], shape: Shape
) -> None:
    refused = layer(word, options).shape(shape)
    assert isinstance(refused, Misfit)
    assert refused.reason


def test_tokens_and_one_hot_rows_embed_the_same() -> None:
    table = torch.randn(6, 3, generator=generator())
    tokens = torch.tensor([[1, 0, 5, 2]])
    by_number = layer("embed", {"size": 3, "alphabet": 6})
    assert by_number.shape((4,)) == (4, 3)
    assert [each.shape for each in by_number.weights((4,))] == [(6, 3)]
    rows = torch.nn.functional.one_hot(tokens, 6).float()
    spread = layer("embed", {"size": 3}).apply(rows, {"weight": table}, context=EVAL)
    assert torch.equal(by_number.apply(tokens, {"weight": table}, context=EVAL), spread)


def uniform(like: Tensor) -> Tensor:
    return torch.rand(like.shape, generator=generator(), dtype=like.dtype)


def test_batch_normalization_uses_the_batch_in_training_and_the_statistics_after() -> None:
    made, x = layer("bn", {"eps": 0.0}), 3 + 2 * inputs((4, 5, 5), 64)
    held = weights(made, (4, 5, 5)) | {
        "weight": torch.ones(4).double(),
        "bias": torch.zeros(4).double(),
    }
    trained = made.apply(x, held, context=Context(uniform))
    torch.testing.assert_close(trained.mean((0, 2, 3)), torch.zeros(4).double())
    torch.testing.assert_close(trained.std((0, 2, 3), correction=0), torch.ones(4).double())
    seen = {"mean": x.mean((0, 2, 3)), "variance": x.var((0, 2, 3), correction=0)}
    torch.testing.assert_close(made.apply(x, held | seen, context=EVAL), trained)


def test_batch_normalization_leaves_its_statistics_where_they_are_kept() -> None:
    made, x = layer("bn", {"momentum": 0.25}), 3 + 2 * inputs((4, 5, 5), 64)
    held, kept_ones = weights(made, (4, 5, 5)), []
    context = Context(uniform, kept_ones)
    made.apply(x, held, context=context.elsewhere())
    assert kept_ones == []
    made.apply(x, held, context=context)
    (mean, now, share), (variance, spread, _) = kept_ones
    assert mean is held["mean"]
    assert variance is held["variance"]
    assert share == 0.25
    torch.testing.assert_close(now, x.mean((0, 2, 3)))
    torch.testing.assert_close(spread, x.var((0, 2, 3)))


def test_dropout_keeps_the_mean_in_training_and_does_nothing_after() -> None:
    made, x = layer("dropout", {"rate": 0.25}), torch.ones(4000, 3)
    out = made.apply(x, {}, context=Context(uniform))
    assert set(out.unique().tolist()) == {0.0, float(torch.tensor(1.0) / 0.75)}
    assert abs(float(out.mean()) - 1) < 0.02
    assert made.apply(x, {}, context=EVAL) is x


@pytest.mark.parametrize(("word", "options", "shape"), EXAMPLES, ids=str)
def test_training_changes_only_layers_of_which_nothing_is_proved(
    word: str, options: dict[str, Any], shape: Shape
) -> None:
    made, x = layer(word, options), inputs(shape, 6)
    held = weights(made, shape)
    in_training = made.apply(x, held, context=Context(uniform, []))
    same = torch.equal(in_training, made.apply(x, held, context=EVAL))
    assert same == (word not in UNPROVED)
