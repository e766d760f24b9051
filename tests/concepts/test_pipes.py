"""Pipes and nets in nets: names of weights, values, and the degree that they add."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor

from ebmdsl.concepts.base import find
from ebmdsl.concepts.context import Context
from ebmdsl.concepts.facts import Curvature
from ebmdsl.concepts.kinds import Layer
from ebmdsl.concepts.pipes import Inner, Pipe, below
from ebmdsl.concepts.shape import Misfit


def layer(word: str, **options: Any) -> Layer:
    """Return a layer of the catalogue."""
    made: Layer = cast("Any", find(Layer, word))(**options)
    return made


def linear(size: int) -> Layer:
    """Return a matrix without a bias."""
    return layer("linear", size=size, bias="none")


def matrix(*shape: int, seed: int) -> Tensor:
    """Draw a matrix."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


X = matrix(5, 4, seed=0)
TWO = Pipe((linear(3), layer("relu"), linear(2)))


def test_the_second_layer_of_a_word_has_a_number() -> None:
    assert [(each.name, each.shape) for each in TWO.weights((4,))] == [
        ("linear.weight", (3, 4)),
        ("linear_2.weight", (2, 3)),
    ]


def test_numbers_do_not_meet_the_names_of_nets() -> None:
    copies = (Pipe((linear(4),), "g_2"), Pipe((linear(4),), "g"), Pipe((linear(4),), "g"))
    names = [each.name for each in Pipe(copies).weights((4,))]
    assert names == ["g_2.linear.weight", "g.linear.weight", "g_3.linear.weight"]


def test_a_pipe_is_its_layers_one_after_the_other() -> None:
    held = {"linear.weight": matrix(3, 4, seed=1), "linear_2.weight": matrix(2, 3, seed=2)}
    wanted = (X @ held["linear.weight"].T).relu() @ held["linear_2.weight"].T
    torch.testing.assert_close(TWO.apply(X, held, context=Context()), wanted)


def test_a_net_in_a_net_reads_the_weights_of_that_net() -> None:
    inner = Inner("g", Pipe((linear(4),)))
    held = {"g.linear.weight": matrix(4, 4, seed=3), "gg.linear.weight": matrix(4, 4, seed=4)}
    twice = Pipe((inner, inner))
    assert twice.weights((4,)) == ()
    w = held["g.linear.weight"]
    out = twice.apply(X, {}, context=Context(shared=held))
    torch.testing.assert_close(out, X @ w.T @ w.T)
    assert twice.raised((4,)) == 2


def test_facts_are_those_of_all_layers() -> None:
    assert TWO.seen().degree is None
    assert Pipe((linear(3), linear(2))).seen().curvature is Curvature.AFFINE
    assert Pipe((linear(3), layer("relu"))).seen().curvature is Curvature.CONVEX


def test_what_does_not_fit_ends_the_list_of_parts() -> None:
    pipe = Pipe((linear(3), layer("conv", channels=1, width=3), linear(2)))
    assert isinstance(pipe.shape((4,)), Misfit)
    assert [shape for _, shape in pipe.parts((4,))] == [(4,), (3,)]


def test_several_inputs_go_to_the_first_layer() -> None:
    assert TWO.joined(((2, 3), (4,))) == (10,)
    assert Inner("g", TWO).joined(((2,), (2,))) == (4,)


def test_a_pipe_is_written_with_what_is_inside() -> None:
    deep = Pipe((layer("stack", times=2, body=layer("residual", body=TWO)), Inner("g", TWO)))
    assert deep.text() == "stack(2, residual(linear |> relu |> linear)) |> g"
    assert layer("repeat", times=3, body=Pipe((linear(4),), "h")).text() == "repeat(3, h)"


def test_weights_below_a_label() -> None:
    w = matrix(1, 1, seed=5)
    assert below("a", {"a.b.c": w, "ab.c": w, "b": w}) == {"b.c": w}
