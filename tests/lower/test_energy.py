"""Evaluation of every operation against the same thing written by hand."""

from __future__ import annotations

import torch

from ebmdsl.expr.build import (
    add,
    const,
    divide,
    matmul,
    multiply,
    power,
    subtract,
    transpose,
    variable,
)
from ebmdsl.expr.calls import call, word
from ebmdsl.expr.node import Cut, Node, Op, Plate, Quantity, make
from ebmdsl.lower.energy import evaluate, evaluate_all
from tests.lower.programs import samples

PLATE = Plate("t", 1, 4)


def _sample(name: str, *shape: int, plates: tuple[Plate, ...] = ()) -> Node:
    return variable(Quantity(name, "observed"), shape, plates=plates)


def _param(name: str, *shape: int) -> Node:
    return variable(Quantity(name, "param"), shape)


def test_elementwise_operations_broadcast_scalars_and_parameters() -> None:
    y, m, s = _sample("y", 3), _param("m", 3), _sample("s")
    values = {"y": samples(5, 3), "m": samples(3), "s": samples(5)}
    node = add(multiply(s, subtract(y, m)), const(2), power(y, 3))
    wide = values["s"][:, None] * (values["y"] - values["m"]) + 2 + values["y"] ** 3
    torch.testing.assert_close(evaluate(node, values), wide)
    torch.testing.assert_close(
        evaluate(divide(y, s), values), values["y"] / values["s"][:, None]
    )


def test_products_of_matrices_with_and_without_samples() -> None:
    w, a, z = _param("w", 2, 3), _sample("a", 2, 3), _sample("z", 3)
    values = {"w": samples(2, 3), "a": samples(5, 2, 3), "z": samples(5, 3)}
    per_sample = torch.einsum("nij,nj->ni", values["a"], values["z"])
    torch.testing.assert_close(evaluate(matmul(w, z), values), values["z"] @ values["w"].T)
    torch.testing.assert_close(evaluate(matmul(a, z), values), per_sample)
    square = matmul(transpose(a), w)
    expected = values["a"].mT @ values["w"]
    torch.testing.assert_close(evaluate(square, values), expected)


def test_parameters_have_no_batch_axis() -> None:
    w = _param("w", 2, 3)
    assert evaluate(call(word("sq"), w), {"w": samples(2, 3)}).shape == ()


def test_plates_slice_shift_and_sum() -> None:
    x = _sample("x", 2, plates=(PLATE,))
    values = {"x": samples(5, 4, 2)}
    later = Plate("t", 2, 3)
    now = make(Op.SHIFT, (x,), data=("slice", 0, 1), shape=(2,), plates=(later,))
    before = make(Op.SHIFT, (x,), data=("slice", 0, 0), shape=(2,), plates=(later,))
    step = call(word("sq"), subtract(now, before))
    total = make(Op.SUM_PLATE, (step,))
    expected = (values["x"][:, 1:] - values["x"][:, :-1]).square().sum((1, 2))
    torch.testing.assert_close(evaluate(total, values), expected)
    third = make(Op.SHIFT, (x,), data=("entry", 0, 2), shape=(2,))
    torch.testing.assert_close(evaluate(third, values), values["x"][:, 2])


def test_a_token_selects_an_entry() -> None:
    rows, token = _sample("rows", 4), _sample("token")
    table = _param("table", 4, 2)
    values = {
        "rows": samples(3, 4),
        "table": samples(4, 2),
        "token": torch.tensor([0, 3, 1]),
    }
    picked = make(Op.INDEX, (rows, token), data=Cut(0))
    expected = values["rows"][torch.arange(3), values["token"]]
    torch.testing.assert_close(evaluate(picked, values), expected)
    looked_up = make(Op.INDEX, (table, token), data=Cut(0), shape=(2,))
    torch.testing.assert_close(evaluate(looked_up, values), values["table"][values["token"]])


def test_entries_and_ranges_of_a_value() -> None:
    y = _sample("y", 4)
    values = {"y": samples(3, 4)}
    entry = make(Op.INDEX, (y,), data=Cut(0, 2))
    part = make(Op.INDEX, (y,), data=Cut(0, 1, 2), shape=(2,))
    torch.testing.assert_close(evaluate(entry, values), values["y"][:, 2])
    torch.testing.assert_close(evaluate(part, values), values["y"][:, 1:3])


def test_stop_lets_no_gradient_through() -> None:
    y = _sample("y", 2)
    stopped = make(Op.STOP, (y,), shape=(2,))
    x = samples(3, 2).requires_grad_()
    assert not evaluate(stopped, {"y": x}).requires_grad


def test_what_several_nodes_share_is_evaluated_once() -> None:
    seen: list[str] = []

    class Counting(dict[str, torch.Tensor]):
        def __getitem__(self, name: str) -> torch.Tensor:
            seen.append(name)
            return super().__getitem__(name)

    y = _sample("y", 2)
    both = evaluate_all((call(word("sq"), y), call(word("l1"), y)), Counting(y=samples(3, 2)))
    assert [each.shape for each in both] == [(3,), (3,)]
    assert seen == ["y"]
