"""Find parameters in which the expected energy has a known minimum: shares, scales, factors.

A node *selects* from a parameter when each of its entries is one entry of the parameter,
whatever the latents are: the parameter itself, or the column that a one-hot value chooses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, final

from ebmdsl._record import record
from ebmdsl.expr.build import addends
from ebmdsl.expr.node import Node, Op

if TYPE_CHECKING:
    from ebmdsl.check.model import Declared

Kind = Literal["mean", "shares", "scale", "factor"]


@final
@record
class Conjugate:
    r"""A form that a parameter keeps under every expectation, so that its minimum is known.

    "mean": a quadratic in $u - \mu_k$ with one matrix for each k, whose minimum is the mean of
    u; the slopes of `pulled` and `count` in the parameter are the sum of u and its weight.
    "shares" $-\sum_k c_k \log w_k$ on the simplex; "scale" $\sum_k a_k s_k^{-p} + c_k \log s_k$
    for positive s, p the `power`; "factor"
    $\sum_k \tfrac12 \operatorname{tr}((L_k L_k^\top)^{-1} A_k) + c_k \log \det L_k$ for
    Cholesky factors.
    """

    kind: Kind
    power: int = 2
    pulled: Node | None = None
    count: Node | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Return the values whose slopes are asked for instead of the energy's."""
        return tuple(node for node in (self.pulled, self.count) if node is not None)


def conjugate(energy: Node, param: Declared) -> Conjugate | None:
    """Return the form of an energy in one parameter, or None where none is proved."""
    parts = [each for each in addends(energy) if param.name in each.names]
    if param.quantity.domain.name == "simplex":
        logs = all(_is_log(part, param.name) for part in parts)
        return Conjugate("shares") if parts and logs else None
    if param.quantity.domain.name == "positive" and not param.constraints:
        return _scale(parts, param.name)
    if [each.word for each in param.constraints] == ["cholesky"]:
        known = all(_is_of_factor(part, param.name) for part in parts)
        return Conjugate("factor") if known and _has_logdet(parts, param.name) else None
    return None


def _scale(parts: list[Node], name: str) -> Conjugate | None:
    powers = {_power(part, name) for part in parts if not _is_log(part, name)}
    if len(powers) != 1 or None in powers:
        return None
    (power,) = powers
    normal = any(_core(part, name).op is Op.NLL for part in parts)
    growing = normal or any(_is_log(part, name) for part in parts)
    return Conjugate("scale", power) if growing and power is not None else None


def _core(node: Node, name: str) -> Node:
    """Take sums over plates and constant factors off a value."""
    while True:
        moving = [arg for arg in node.args if name in arg.names]
        fixed = [arg for arg in node.args if arg not in moving]
        plain = all(arg.op is Op.CONST for arg in fixed)
        if len(moving) != 1 or not (node.op is Op.SUM_PLATE or _is_scaled(node, plain=plain)):
            return node
        (node,) = moving


def _is_scaled(node: Node, *, plain: bool) -> bool:
    return plain and (node.op is Op.MULTIPLY or _is_call(node, "sum"))


def _is_log(part: Node, name: str) -> bool:
    """Tell whether a value adds up logarithms of selected entries, with fixed weights."""
    core = _core(part, name)
    if _is_call(core, "dot"):
        moving = [arg for arg in core.args if name in arg.names]
        return len(moving) == 1 and _is_log(moving[0], name)
    return _is_call(core, "log") and selects(core.args[0], name)


def _power(part: Node, name: str) -> int | None:
    """Return p where a value is of degree -p in the entries of a scale, else None."""
    core = _core(part, name)
    if core.op is Op.NLL:
        *rest, scale = core.args
        fixed = all(name not in arg.names for arg in rest)
        return 2 if core.data.word == "normal" and fixed and selects(scale, name) else None
    if _is_call(core, "sq"):
        inner = _power(core.args[0], name)
        return None if inner is None else 2 * inner
    if core.op in (Op.MULTIPLY, Op.CALL) and (core.op is Op.MULTIPLY or _is_call(core, "dot")):
        moving = [arg for arg in core.args if name in arg.names]
        return _power(moving[0], name) if len(moving) == 1 else None
    if core.op is Op.POWER and selects(core.args[0], name) and core.data in (-1.0, -2.0):
        return -int(core.data)
    return None


def _is_of_factor(part: Node, name: str) -> bool:
    core = _core(part, name)
    if _is_call(core, "logdet"):
        return selects(core.args[0], name)
    if not _is_call(core, "sq") or not _is_call(core.args[0], "solve"):
        return False
    factor, right = core.args[0].args
    return selects(factor, name) and name not in right.names


def _has_logdet(parts: list[Node], name: str) -> bool:
    return any(_is_call(_core(part, name), "logdet") for part in parts)


def selects(node: Node, name: str) -> bool:
    """Tell whether each entry of a value is one entry of a parameter."""
    if node.op is Op.VARIABLE:
        return node.data.name == name
    if node.op is Op.TRANSPOSE or _is_call(node, "reshape") or node.op is Op.INDEX:
        return selects(node.args[0], name) and not any(name in a.names for a in node.args[1:])
    if node.op is Op.MATMUL or _is_call(node, "dot"):
        one, other = node.args
        pairs = ((one, other), (other, one)) if node.op is Op.CALL else ((one, other),)
        return any(selects(held, name) and _is_choice(by, name) for held, by in pairs)
    return False


def _is_choice(node: Node, name: str) -> bool:
    """Tell whether a value is one-hot, and not the parameter."""
    return (
        node.op is Op.VARIABLE and node.data.domain.name == "onehot" and node.data.name != name
    )


def _is_call(node: Node, word: str) -> bool:
    return node.op is Op.CALL and node.data.word == word
