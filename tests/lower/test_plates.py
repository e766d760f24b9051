"""Operations on plates against the same thing written by hand."""

from __future__ import annotations

import torch

from ebmdsl.expr.build import variable
from ebmdsl.expr.node import Node, Op, Plate, Quantity, make
from ebmdsl.lower.plates import of_plates
from tests.lower.programs import samples

T, J = Plate("t", 1, 4), Plate("j", 0, 3)
X = variable(Quantity("x", "observed"), (2,), plates=(T, J))


def _over(word: str) -> Node:
    return make(Op.OVER_PLATE, (X,), data=(word, "j"), shape=(2,), plates=(T,))


def test_plates_are_opened_summed_and_reduced() -> None:
    x = samples(5, 4, 3, 2)
    stacked = make(Op.STACK, (X,), data=("t",), shape=(4, 2), plates=(J,))
    torch.testing.assert_close(of_plates(stacked, x), x.permute(0, 2, 1, 3))
    summed = make(Op.SUM_PLATE, (X,), data=("t",), shape=(2,), plates=(J,))
    torch.testing.assert_close(of_plates(summed, x), x.sum(1))
    torch.testing.assert_close(of_plates(_over("max"), x), x.amax(2))
    torch.testing.assert_close(of_plates(_over("median"), x), x.median(2).values)
    torch.testing.assert_close(of_plates(_over("logsumexp"), x), x.logsumexp(2))


def test_a_slice_of_a_plate_keeps_the_others() -> None:
    x = samples(5, 4, 3, 2)
    part = Plate("t", 2, 2)
    cut = make(Op.SHIFT, (X,), data=("slice", 0, 1), shape=(2,), plates=(part, J))
    torch.testing.assert_close(of_plates(cut, x), x[:, 1:3])
    one = make(Op.SHIFT, (X,), data=("entry", 1, 2), shape=(2,), plates=(T,))
    torch.testing.assert_close(of_plates(one, x), x[:, :, 2])
