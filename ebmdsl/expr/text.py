"""Write nodes as formulas in Unicode, for plans and messages."""

from __future__ import annotations

from typing import assert_never

from ebmdsl.concepts.facts import Lag
from ebmdsl.expr.build import coefficient, is_const
from ebmdsl.expr.lags import sliced
from ebmdsl.expr.node import Cut, Node, Op

_FRACTIONS = {0.5: "½", 0.25: "¼", 0.75: "¾"}
_SUPERSCRIPTS = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")
_SUM, _PRODUCT, _ATOM = 0, 1, 2


def formula(node: Node) -> str:
    """Return the formula of a node, as a paper would print it."""
    return _written(node, _SUM)


def number(value: float) -> str:
    """Write a number shortly."""
    if value in _FRACTIONS:
        return _FRACTIONS[value]
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.4g}"


def _written(node: Node, level: int) -> str:
    text, own = _parts(node)
    return f"({text})" if own < level else text


def _parts(node: Node) -> tuple[str, int]:
    inside = [_written(arg, _SUM) for arg in node.args]
    match node.op:
        case Op.CONST:
            return number(node.data), _ATOM if node.data >= 0 else _SUM
        case Op.VARIABLE:
            return node.data.name, _ATOM
        case Op.ADD:
            return _sum(node), _SUM
        case Op.MULTIPLY:
            return _product(node), _PRODUCT
        case Op.POWER:
            return _power(node), _ATOM
        case Op.MATMUL:
            return " ".join(_written(arg, _PRODUCT) for arg in node.args), _PRODUCT
        case Op.TRANSPOSE:
            return f"{_written(node.args[0], _ATOM)}ᵀ", _ATOM
        case Op.SUM_PLATE:
            return f"Σ[{_indices(node.args[0])}] {_written(node.args[0], _PRODUCT)}", _PRODUCT
        case Op.OVER_PLATE:
            return f"{_word(node)}[{node.data[1]}]({inside[0]})", _ATOM
        case Op.INDEX | Op.SHIFT:
            return f"{_written(node.args[0], _ATOM)}[{_index(node, inside)}]", _ATOM
        case Op.STACK:
            return inside[0], _ATOM
        case Op.COMPARE:
            return f"{inside[0]} {node.data} {inside[1]}", _SUM
        case Op.GRADIENT:
            return _derivative(node, inside), _ATOM
        case Op.POINT:
            return f"{_written(node.args[0], _ATOM)}({_replaced(node, inside)})", _ATOM
        case Op.FREE:
            return f"F({', '.join(inside)})", _ATOM
        case Op.CALL | Op.APPLY | Op.DRAW | Op.NLL | Op.LIST | Op.BATCH | Op.STOP | Op.SPLIT:
            return _of_arguments(node, inside), _ATOM
        case _:
            assert_never(node.op)


def _of_arguments(node: Node, inside: list[str]) -> str:
    """Write what is written around its arguments, one after the other."""
    listed = ", ".join(inside)
    match node.op:
        case Op.CALL:
            return _call(node, inside)
        case Op.APPLY:
            return f"{node.data.name}({listed})"
        case Op.DRAW:
            return f"{node.data.word}({listed})"
        case Op.NLL:
            return f"nll({node.data.word}({', '.join(inside[1:])}), {inside[0]})"
        case Op.LIST:
            return f"[{listed}]"
        case Op.SPLIT:
            return f"{_word(node)}({listed})"
        case _:
            return f"{node.op.value}({listed})"


def _word(node: Node) -> str:
    """Return the word of a reduction, which may have options."""
    how = node.data[0]
    return how if isinstance(how, str) else how.word


def _indices(node: Node) -> str:
    return ", ".join(plate.index for plate in node.plates)


def _replaced(node: Node, inside: list[str]) -> str:
    pairs = zip(node.data, inside[1:], strict=True)
    return ", ".join(f"{name} = {value}" for name, value in pairs)


def _derivative(node: Node, inside: list[str]) -> str:
    names = ", ".join(sorted(node.data.names))
    return f"{node.data.word}({', '.join([*inside[:1], names])})"


def _call(node: Node, inside: list[str]) -> str:
    return node.data.symbol.show(*inside)


def _power(node: Node) -> str:
    base = _written(node.args[0], _ATOM)
    return f"√{base}" if node.data == _ROOT else f"{base}{_exponent(node.data)}"


_ROOT = 0.5


def _exponent(value: float) -> str:
    return number(value).translate(_SUPERSCRIPTS) if value == int(value) else f"^{value:g}"


def _index(node: Node, inside: list[str]) -> str:
    match node.data:
        case Cut(axis=axis, low=low, high=high):
            places = inside[1] if len(inside) > 1 else _places(low, high)
            return "·, " * axis + places
        case (str(), int() as position, int()):
            return _place(node, position)
        case _:
            return str(node.data)


def _places(low: int, high: int | None) -> str:
    return str(low) if high is None else f"{low}..{high}"


def _place(node: Node, position: int) -> str:
    """Write a place of a plate as the program does: `t`, `t-1`, `3`."""
    plate = node.args[0].plates[position].index
    (lag,) = sliced(frozenset({Lag(plate)}), node)
    if lag.fixed:
        return str(lag.offset)
    return f"{lag.plate}{lag.offset:+d}" if lag.offset else lag.plate


def _order(node: Node) -> tuple[bool, bool]:
    factor, base = coefficient(node)
    return factor < 0, is_const(base)


def _sum(node: Node) -> str:
    parts: list[str] = []
    for arg in sorted(node.args, key=_order):
        factor = coefficient(arg)[0]
        minus = factor < 0 or (is_const(arg) and arg.data < 0)
        text = _written(arg, _PRODUCT).removeprefix("−")
        if is_const(arg):
            text = number(abs(arg.data))
        parts.append(f" − {text}" if minus else f" + {text}" if parts else text)
    return "".join(parts).removeprefix(" ") if parts[0] != "" else ""


def _product(node: Node) -> str:
    factor, rest = coefficient(node)
    factors = rest.args if rest.op is Op.MULTIPLY else (rest,)
    body = "·".join(_written(arg, _PRODUCT + (len(factors) > 1)) for arg in factors)
    if factor == 1:
        return body
    if factor == -1:
        return f"−{body}"
    sign = "−" if factor < 0 else ""
    shown = number(abs(factor))
    joint = "" if shown in _FRACTIONS.values() else "·"
    return f"{sign}{shown}{joint}{body}"
