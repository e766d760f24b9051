"""Samplers that the catalogue does not have yet: their words and options, until it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ebmdsl.check.arguments import literal
from ebmdsl.check.mistakes import WrongArguments
from ebmdsl.source.suggest import did_you_mean

if TYPE_CHECKING:
    from ebmdsl.check.here import Here
    from ebmdsl.syntax import ast

CONTINUOUS = ("langevin", "mala", "hmc")
_COMMON = ("steps", "temperature")
COMING_SAMPLERS: dict[str, tuple[str, ...]] = {
    "gibbs": _COMMON,
    "metropolis": (*_COMMON, "scale"),
    "mala": (*_COMMON, "rate"),
    "hmc": (*_COMMON, "rate", "leaps", "accept"),
}


def coming_options(here: Here, call: ast.Call, *, word: str) -> tuple[tuple[str, Any], ...]:
    """Read the options of such a sampler; unknown ones are mistakes."""
    known = COMING_SAMPLERS[word]
    if len(call.args) > len(known):
        reason = f"`{word}` has no more options"
        raise here.reject(WrongArguments(call.args[len(known)].span, reason))
    found = [
        (name, literal(here.scope, arg)) for name, arg in zip(known, call.args, strict=False)
    ]
    for each in call.named:
        if each.name.text not in known:
            listed = ", ".join(f"`{name}`" for name in ("start", *known))
            hint = did_you_mean(each.name.text, ("start", *known)) or f"it takes {listed}"
            reason = f"`{word}` has no option `{each.name.text}`"
            raise here.reject(WrongArguments(each.name.span, reason, hint))
        found.append((each.name.text, literal(here.scope, each.value)))
    for name, given in found:
        if not isinstance(given, int | float):
            reason = f"`{name}` is a number"
            raise here.reject(WrongArguments(call.span, reason))
    return tuple(found)
