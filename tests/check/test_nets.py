"""Nets: shapes inferred at the first use, weights named as the file names them."""

from __future__ import annotations

from tests.check.programs import checked, messages, term

HEAD = "model m\nobserved y : real[4]\nobserved x : real[3]\n"


def test_sizes_follow_from_the_first_use() -> None:
    (net,) = checked(HEAD + "net f = linear(5) |> relu |> linear(2)\ncost e = sq(f(y))\n").nets
    assert (net.input, net.output) == ((4,), (2,))
    assert dict(net.weights) == {
        "linear.weight": (5, 4),
        "linear.bias": (5,),
        "linear_2.weight": (2, 5),
        "linear_2.bias": (2,),
    }


def test_using_it_twice_shares_the_weights() -> None:
    model = checked(HEAD + "net f = linear(2)\ncost e = sq(f(y) - f(2 * y))\n")
    assert len(model.nets) == 1
    assert model.parameters == ("f",)


def test_several_inputs_are_laid_end_to_end() -> None:
    (net,) = checked(HEAD + "net f = linear(2)\ncost e = sq(f(y, x))\n").nets
    assert net.input == (7,)


def test_a_net_may_be_made_of_nets_and_stacks() -> None:
    text = "net g = linear(4) |> tanh\nnet f = stack(3, g) |> linear(1)\ncost e = sum(f(y))\n"
    (net,) = checked(HEAD + text).nets
    assert [layer.word for layer in net.layers] == ["linear", "tanh"] * 3 + ["linear"]


def test_a_moving_average_of_a_net_is_not_learned() -> None:
    text = "net f = linear(2)\nstate g = ema(f, 0.99)\ncost e = dot(f(y), g(y))\n"
    model = checked(HEAD + text)
    assert model.parameters == ("f",)


def test_the_degree_counts_the_layers_with_weights() -> None:
    from ebmdsl.expr.prove import prove

    text = "net f = linear(3, bias = none) |> linear(2, bias = none)\ncost e = sum(f(y))\n"
    node = term(HEAD + text).node
    assert prove(node, frozenset({"f"})).degree == 2
    assert prove(node, frozenset({"y"})).degree == 1
    assert prove(node, frozenset({"f", "y"})).degree == 3


def test_one_net_has_one_input_shape() -> None:
    (told,) = messages(HEAD + "net f = linear(2)\ncost e = sq(f(y))\ncost d = sq(f(x))\n")
    assert told.startswith("`f` was used with [4] before, not [3]")


def test_layers_that_do_not_fit() -> None:
    (told,) = messages(HEAD + "net f = conv(3, 5)\ncost e = sq(f(y))\n")
    assert "[4]" in told
    (told,) = messages(HEAD + "net f = linaer(3)\ncost e = sq(f(y))\n")
    assert told == "unknown layer `linaer` | did you mean `linear`?"
