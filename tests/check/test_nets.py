"""Nets: shapes inferred at the first use, weights named as the file names them."""

from __future__ import annotations

from tests.check.programs import checked, diagnostics, messages, term

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


def test_the_degree_counts_a_repeated_layer_every_time() -> None:
    from ebmdsl.expr.prove import prove

    text = "net f = repeat(3, linear(4, bias = none)) |> linear(2, bias = none)\n"
    node = term(HEAD + text + "cost e = sum(f(y))\n").node
    assert prove(node, frozenset({"f"})).degree == 4
    assert prove(node, frozenset({"y"})).degree == 1


def test_a_net_moves_with_the_nets_that_it_is_made_of() -> None:
    from ebmdsl.expr.prove import prove

    text = "net g = linear(2, bias = none)\nnet f = g |> linear(2, bias = none)\n"
    node = term(HEAD + text + "cost e = sum(f(y))\n").node
    assert prove(node, frozenset({"g"})).degree is not None
    assert prove(node, frozenset({"y"})).leading == {"f", "g"}


def test_one_net_has_one_input_shape() -> None:
    text = HEAD + "net f = linear(2)\ncost e = sq(f(y))\ncost d = sq(f(x))\n"
    (told,) = messages(text)
    assert told.startswith("`f` was used with [4] before, not [3]")
    (found,) = diagnostics(text)
    assert [(label.span.line, label.text) for label in found.labels] == [
        (5, "used with [4] here")
    ]


def test_a_layer_that_does_not_fit_is_named_with_the_shapes_before_it() -> None:
    text = HEAD + "net f = reshape(1, 2, 2) |> relu |> residual(conv(1, 3) |> relu)\n"
    (found,) = diagnostics(text + "cost e = sum(f(y))\n")
    assert found.span.text == "conv(1, 3)"
    assert found.notes == (
        "the shapes up to there: [4] |> reshape [1, 2, 2] |> relu [1, 2, 2] |> residual; "
        "inside it: [1, 2, 2] |> conv",
    )
    assert [label.text for label in found.labels] == ["used with [4] here"]


def test_a_net_with_weights_that_cannot_obey_says_why() -> None:
    (told,) = messages(HEAD + "net f = linear(5) with unit_kernels\ncost e = sum(f(y))\n")
    assert told.startswith(
        "no weight of `f` can obey `unit_kernels` | `f.linear.weight` is [5, 4]"
    )
    (told,) = messages(HEAD + "net f = relu with nonneg\ncost e = sum(f(y))\n")
    assert told.endswith("`f` has no matrix and no kernel")


def test_layers_that_do_not_fit() -> None:
    (told,) = messages(HEAD + "net f = conv(3, 5)\ncost e = sq(f(y))\n")
    assert "[4]" in told


def test_the_shapes_inside_a_net_inside_a_net_are_shown() -> None:
    nets = "net g = linear(6) |> reshape(2, 3)\nnet f = relu |> g |> residual(linear(2))\n"
    (found,) = diagnostics(HEAD + nets + "cost e = sum(f(y))\n")
    assert found.span.text == "residual(linear(2))"
    assert found.notes == ("the shapes up to there: [4] |> relu [4] |> g [2, 3] |> residual",)
