"""Reductions that are equal become the same call."""

from __future__ import annotations

import pytest

from ebmdsl.expr import build
from ebmdsl.expr.calls import call, called, product, word
from ebmdsl.expr.node import Node
from tests.expr.expressions import leaf

z, u, y, a = leaf("z"), leaf("u"), leaf("y"), leaf("a")
A = leaf("A")
r = build.subtract(y, build.matmul(A, z))


def _(name: str, *args: Node) -> Node:
    return call(word(name), *args)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (_("dot", r, r), _("sq", r)),
        (_("sum", build.power(r, 2)), _("sq", r)),
        (_("sum", build.multiply(r, r)), _("sq", r)),
        (product(r, r), _("sq", r)),
        (_("sq", build.negative(r)), _("sq", r)),
        (_("sq", build.scaled(2, r)), build.scaled(4, _("sq", r))),
        (_("sq", build.multiply(a, z)), build.multiply(build.power(a, 2), _("sq", z))),
        (_("sq", _("abs", z)), _("sq", z)),
        (_("sum", _("abs", z)), _("l1", z)),
        (_("l1", build.scaled(-3, z)), build.scaled(3, _("l1", z))),
        (_("sum", build.multiply(z, u)), _("dot", z, u)),
        (_("dot", z, u), _("dot", u, z)),
        (_("dot", build.scaled(2, z), build.negative(z)), build.scaled(-2, _("sq", z))),
        (_("dot", build.multiply(y, z), z), _("dot", y, build.power(z, 2))),
        (_("dot", build.multiply(a, z), u), build.multiply(a, _("dot", z, u))),
        (_("dot", y, build.matmul(A, z)), _("dot", build.matmul(build.transpose(A), y), z)),
        (_("dot", z, product(build.matmul(build.transpose(A), A), z)), _("sq", product(A, z))),
        (_("sum", build.add(z, u)), build.add(_("sum", z), _("sum", u))),
        (_("sum", build.add(z, build.const(2))), build.add(_("sum", z), build.const(6))),
        (_("sum", build.add(z, a)), build.add(_("sum", z), build.scaled(3, a))),
        (_("sqrt", build.const(4)), build.const(2)),
        (_("sqrt", a), build.power(a, 0.5)),
        (_("sqrt", build.scaled(4, _("sq", z))), build.scaled(2, _("l2", z))),
    ],
)
def test_equal_reductions_are_the_same_node(left: Node, right: Node) -> None:
    assert left is right


def test_calls_are_known_by_their_word() -> None:
    assert called(_("sq", z), "sq")
    assert not called(_("sq", z), "l1")
    assert not called(z, "sq")


def test_an_unknown_word_is_our_mistake() -> None:
    with pytest.raises(LookupError, match="no `frobnicate` among its functions"):
        word("frobnicate")
