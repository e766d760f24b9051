"""Layers as they are written: combinators, nets inside nets, what is no layer."""

from __future__ import annotations

import pytest

from ebmdsl.check.model import Net
from tests.check.programs import checked, messages, said

HEAD = "model m(n = 3)\nobserved y : real[4]\nobserved x : real[3]\n"


def net(text: str, name: str = "f", call: str = "f(y)") -> Net:
    """Return a net of a program that uses it."""
    model = checked(f"{HEAD}{text}\ncost e = sum({call})\n")
    return next(each for each in model.nets if each.name == name)


def names(text: str, name: str = "f") -> list[str]:
    """Name the weights of a net."""
    return [each for each, _ in net(text, name).weights]


def test_a_stack_has_weights_for_every_copy() -> None:
    assert names("net f = stack(n, linear(4, bias = none) |> relu) |> linear(1)") == [
        "stack.1.linear.weight",
        "stack.2.linear.weight",
        "stack.3.linear.weight",
        "linear.weight",
        "linear.bias",
    ]


def test_the_copies_of_a_stack_may_have_other_shapes() -> None:
    found = dict(net("net f = stack(2, linear(2, bias = none))").weights)
    assert found == {"stack.1.linear.weight": (2, 4), "stack.2.linear.weight": (2, 2)}


def test_what_repeats_has_one_set_of_weights() -> None:
    assert names("net f = repeat(n, linear(4) |> tanh)") == [
        "repeat.linear.weight",
        "repeat.linear.bias",
    ]


def test_combinators_nest_and_keep_their_names_apart() -> None:
    body = "residual(linear(4, bias = none)) |> residual(linear(4, bias = none) |> relu)"
    assert names(f"net f = stack(2, {body}) |> linear(2, bias = none)") == [
        "stack.1.residual.linear.weight",
        "stack.1.residual_2.linear.weight",
        "stack.2.residual.linear.weight",
        "stack.2.residual_2.linear.weight",
        "linear.weight",
    ]


def test_a_net_in_a_net_is_the_same_function() -> None:
    text = "net g = linear(4, bias = none)\nnet f = g |> relu |> g |> linear(1, bias = none)"
    assert names(text) == ["linear.weight"]
    assert names(text, "g") == ["linear.weight"]
    assert net(text).made_of == ("g",)
    model = checked(f"{HEAD}{text}\ncost e = sum(f(y)) + sum(g(y))\n")
    assert model.parameters == ("g", "f")
    assert next(each for each in model.terms).node.names == {"y", "f", "g"}


def test_a_net_that_is_stacked_is_copied() -> None:
    text = "net g = linear(4, bias = none)\nnet f = stack(2, g)"
    assert names(text) == ["stack.1.g.linear.weight", "stack.2.g.linear.weight"]
    assert net(text).made_of == ()


def test_a_net_that_repeats_is_shared() -> None:
    text = "net g = linear(4, bias = none)\nnet f = repeat(2, g)"
    assert net(text).weights == ()
    assert net(text).made_of == ("g",)


def test_nets_bring_the_nets_that_they_are_made_of() -> None:
    text = "net a = linear(4)\nnet b = residual(a)\nnet f = b |> b"
    assert net(text).made_of == ("b", "a")


def test_a_moving_average_has_weights_for_the_nets_inside() -> None:
    text = "net g = linear(4, bias = none)\nnet f = g |> relu\nstate key = ema(f, 0.9)"
    found = net(text, "key", "f(y) * key(y)")
    assert [name for name, _ in found.weights] == ["g.linear.weight"]
    assert found.made_of == ()


def test_a_net_may_have_the_name_of_a_layer() -> None:
    assert names("net linear = linear(2, bias = none)\nnet f = linear |> relu", "linear") == [
        "linear.weight"
    ]


def test_options_of_combinators_have_names() -> None:
    assert names("net f = stack(body = linear(4, bias = none), times = 1)") == [
        "stack.1.linear.weight"
    ]


REFUSED = [
    ("residual(linear(3))", "[3] cannot be added to the input, which is [4]"),
    ("repeat(2, linear(3))", "what repeats keeps its shape, but makes [3] of [4]"),
    ("stack(0, linear(3))", "0 copies are too few"),
    ("repeat(0, linear(3))", "0 passes are too few"),
    ("stack(linear(3))", "`stack` needs a layer to work on"),
    ("residual", "`residual` needs a layer to work on"),
    ("stack(2, relu, 3)", "`stack` has no more options"),
    ("stack(2, bdy = relu)", "`stack` has no option `bdy`"),
    ("stack(2, relu, body = relu)", "`body` is given twice"),
    ("stack(2, 0..3)", "a range is no layer and no count"),
    ("stack(200, stack(200, relu))", "the net is made of more than 10,000 layers"),
    ("exp", "`exp` is a function, not a layer"),
    ("(u -> u)", "a layer is a word or a call, not a function"),
    ("linear(3) |> 2", "a layer is a word or a call"),
    ("linaer(3)", "unknown layer `linaer` | did you mean `linear`?"),
]


@pytest.mark.parametrize(("body", "told"), REFUSED, ids=[body for body, _ in REFUSED])
def test_what_no_net_is_made_of(body: str, told: str) -> None:
    (found,) = messages(f"{HEAD}net f = {body}\ncost e = sum(f(y))\n")
    assert found.startswith(told)


def test_functions_and_calls_of_nets_are_no_layers() -> None:
    (found,) = messages(f"{HEAD}func g(u) = u\nnet f = g\ncost e = sum(f(y))\n")
    assert (
        found == "`g` is a function, not a layer | apply it to the value of the net: `g(f(y))`"
    )
    (found,) = messages(f"{HEAD}net g = relu\nnet f = g(3)\ncost e = sum(f(y))\n")
    assert found.startswith("`g` is a net and takes no options here")


def test_doubling_over_and_over_ends_with_a_message() -> None:
    nets = "".join(f"net a{i + 1} = a{i} |> a{i}\n" for i in range(40))
    (first, *_) = said(f"{HEAD}net a0 = relu\n{nets}cost e = sum(a40(y))\n")
    assert first[0] == "wrong-arguments"


def test_a_net_that_nothing_uses_is_read_all_the_same() -> None:
    text = f"{HEAD}net f = linear(4) |> cos\nnet g = linaer(3)\ncost e = sq(y)\n"
    assert [id for id, _, _ in said(text)] == ["not-a-layer", "unknown-name"]
    again = f"{HEAD}net f = linear(4) |> cos\nnet g = stack(2, f)\ncost e = sum(g(y))\n"
    assert [id for id, _, _ in said(again)] == ["not-a-layer"]
