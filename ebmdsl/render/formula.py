"""Formulas of the language in the mathematics of a slide: `lam * l1(z)` is `λ‖z‖₁`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import normalize

from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Function
from ebmdsl.source.text import Source
from ebmdsl.syntax import ast
from ebmdsl.syntax.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "kappa": "κ", "lam": "λ", "lambda": "λ",
    "mu": "μ", "nu": "ν", "xi": "ξ", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ",
    "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
_HATS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_WORDS = {"what"}  # no letter with a hat on it
_NAME = re.compile(r"([A-Za-z]+?)(hat|bar|tilde)?_?(\d*)")
_LOWERED = str.maketrans("0123456789+-−aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_FRACTIONS: dict[float, str] = {2: "½", 3: "⅓", 4: "¼", 5: "⅕", 6: "⅙", 8: "⅛"}
_BRACKETS = "‖|⟨([√"
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4

Written = tuple[str, int]


@cache
def formula(text: str) -> str:
    """Write a formula of the language as on a slide; what does not parse stays as it is.

    >>> formula("alpha * sq(z - zhat) / 2")
    '½α‖z − ẑ‖²'
    """
    parsed = _parsed(text)
    return text if parsed is None else _text(parsed)


def subscripts(text: str, name: str) -> tuple[str, ...]:
    """List how a formula indexes a name: `s[t-1]` and `s[t]` give `t−1` and `t`.

    >>> subscripts("-log(s[t-1] @ A @ s[t])", "s")
    ('t−1', 't')
    """
    parsed = _parsed(text)
    pieces = ast.walk(parsed) if parsed is not None else ()
    used = [each for each in pieces if isinstance(each, ast.At) and _names(each, name)]
    return tuple(dict.fromkeys(_listed(each.subscripts).replace(" ", "") for each in used))


def stopped(text: str, name: str) -> bool:
    """Tell whether a formula uses a name under `stop` only, so that no gradient reaches it.

    >>> stopped("sq(stop(e) - q)", "e"), stopped("e + stop(q - e)", "e")
    (True, False)
    """
    parsed = _parsed(text)
    uses = list(_uses(parsed, name)) if parsed is not None else []
    return bool(uses) and all(uses)


def _uses(part: ast.Syntax, name: str, *, inside: bool = False) -> Iterator[bool]:
    """Tell of every use of a name whether it stands under `stop`."""
    if isinstance(part, ast.Name) and part.text == name:
        yield inside
    for child in ast.children(part):
        yield from _uses(child, name, inside=inside or _is_stop(part))


def _is_stop(part: ast.Syntax) -> bool:
    match part:
        case ast.Call(function=ast.Name(text="stop")):
            return True
        case _:
            return False


@cache
def _parsed(text: str) -> ast.Expr | None:
    file, _ = parse(Source("formula", f"model formula\nlet formula = {text}\n"))
    statement = file.statements[0] if file and len(file.statements) == 1 else None
    return statement.expr if isinstance(statement, ast.Node) else None


def _names(part: ast.At, name: str) -> bool:
    return isinstance(part.base, ast.Name) and part.base.text == name


@cache
def symbol(name: str) -> str:
    """Write a name as on a slide: Greek letters, hats and lowered numbers.

    >>> [symbol(name) for name in ("lam", "yhat", "W1", "recon")]
    ['λ', 'ŷ', 'W₁', 'recon']
    """
    parts = _NAME.fullmatch(name)
    if parts is None or name in _WORDS:
        return name
    stem, hat, number = parts[1], parts[2] or "", parts[3]
    letter = _LETTERS.get(stem, stem)
    if hat and len(letter) > 1:
        return name
    return normalize("NFC", letter + _HATS.get(hat, "")) + number.translate(_LOWERED)


def shortened(text: str, length: int) -> str:
    """Cut a text to this many characters, with an ellipsis for what is gone."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _text(value: ast.Value) -> str:
    return _written(value)[0]


def _inside(value: ast.Value, level: int) -> str:
    text, own = _written(value)
    return text if own >= level else f"({text})"


def _written(value: ast.Value) -> Written:
    match value:
        case ast.Name():
            return symbol(value.text), _ATOM
        case ast.Number() | ast.Percent() | ast.String():
            return _literal(value), _ATOM
        case ast.Neg():
            return f"−{_inside(value.operand, _PRODUCT)}", _SUM
        case ast.Binary():
            return _binary(value)
        case ast.Call():
            return _call(value)
        case ast.At() | ast.Attr():
            return _part(value), _ATOM
        case _:
            return _structure(value)


def _literal(value: ast.Number | ast.Percent | ast.String) -> str:
    match value:
        case ast.String():
            return f"“{value.text}”"
        case ast.Percent():
            return f"{value.value:g}%"
        case ast.Number():
            return value.text or f"{value.value:g}"


def _structure(value: ast.Compare | ast.List | ast.Lambda | ast.Pipe | ast.Range) -> Written:
    match value:
        case ast.Compare():
            sign = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}.get(value.op, value.op)
            return f"{_inside(value.left, _SUM)} {sign} {_inside(value.right, _SUM)}", 0
        case ast.List():
            return f"[{_listed(value.items)}]", _ATOM
        case ast.Lambda():
            names = ", ".join(symbol(name.text) for name in value.params)
            return f"{names} ↦ {_text(value.body)}", 0
        case ast.Pipe():
            return " ▷ ".join(_layer(part) for part in value.parts), 0
        case ast.Range():
            return f"{_text(value.low)}…{_text(value.high)}", 0


def _layer(part: ast.Expr) -> str:
    return _plain_call(part) if isinstance(part, ast.Call) else _inside(part, _SUM)


def _listed(values: Iterable[ast.Value]) -> str:
    return ", ".join(_text(value) for value in values)


def _binary(value: ast.Binary) -> Written:
    match value.op:
        case "+":
            return f"{_inside(value.left, _SUM)} + {_inside(value.right, _SUM)}", _SUM
        case "-":
            return f"{_inside(value.left, _SUM)} − {_inside(value.right, _PRODUCT)}", _SUM
        case "*":
            return _product(value), _PRODUCT
        case "@":
            return f"{_inside(value.left, _PRODUCT)} {_inside(value.right, _POWER)}", _PRODUCT
        case "/":
            return _quotient(value), _PRODUCT
        case "^":
            return _power(value), _POWER


def _product(value: ast.Binary) -> str:
    left = _text(value.left) if isinstance(value.left, ast.Neg) else ""
    left, right = left or _inside(value.left, _PRODUCT), _inside(value.right, _POWER)
    return f"{left}{_times(value, left=left.lstrip('−'), right=right)}{right}"


def _times(value: ast.Binary, *, left: str, right: str) -> str:
    number = isinstance(value.left, ast.Number)
    if number or (len(left) <= 2 and left[-1].isalpha()):
        together = right[0] in _BRACKETS or (number and right[0].isalpha())
        return "" if together else " " if isinstance(value.right, ast.Call) else " · "
    return " · "


def _quotient(value: ast.Binary) -> str:
    left, divisor = _inside(value.left, _PRODUCT), value.right
    known = _FRACTIONS.get(divisor.value) if isinstance(divisor, ast.Number) else None
    if known is None or left[0].isdigit():
        return f"{left} / {_inside(divisor, _POWER)}"
    return f"{known}{left}"


def _power(value: ast.Binary) -> str:
    base, exponent = _inside(value.left, _ATOM), value.right
    if isinstance(exponent, ast.Number) and exponent.value == abs(int(exponent.value)):
        return f"{base}{str(int(exponent.value)).translate(_RAISED)}"
    return f"{base}^{_inside(exponent, _ATOM)}"


def _call(value: ast.Call) -> Written:
    name = value.function.text if isinstance(value.function, ast.Name) else ""
    concept = find(Function, name)
    template = concept.symbol.template if concept else ""
    fits = template.count("{}") == len(value.args) or template not in ("", "{}")
    if concept is None or value.named or not fits or template.count("{}") > len(value.args):
        return _plain_call(value), _ATOM
    closed = not template.endswith(" {}")
    arguments = [_inside(each, 0 if closed else _PRODUCT) for each in value.args]
    return concept.symbol.show(*arguments), _ATOM if closed else _PRODUCT


def _plain_call(value: ast.Call) -> str:
    options = [f"{option.name.text} = {_text(option.value)}" for option in value.named]
    arguments = ", ".join([_text(argument) for argument in value.args] + options)
    return f"{_inside(value.function, _ATOM)}({arguments})"


def _part(value: ast.At | ast.Attr) -> str:
    base = _inside(value.base, _ATOM)
    if isinstance(value, ast.Attr):
        return f"{base}ᵀ" if value.name.text == "T" else f"{base}.{value.name.text}"
    inside = ",".join(_text(subscript) for subscript in value.subscripts).replace(" ", "")
    lowered = inside.translate(_LOWERED)
    readable = not set(inside) & set(lowered)
    return f"{base}{lowered}" if readable else f"{base}[{_listed(value.subscripts)}]"
