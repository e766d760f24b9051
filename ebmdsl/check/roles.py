"""What a name was declared as, in the words of the messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.check.model import Block, Data, Declared, Hyper, Term, Used
from ebmdsl.check.scope import Template
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from ebmdsl.check.scope import Bound

_WORDS = {
    "param": "a parameter",
    "negative": "a contrastive point",
    "given": "a given variable",
    "observed": "an observed variable",
    "random": "a random draw",
    "latent": "a latent",
    "state": "a state",
}


def role_of(bound: Bound) -> str:
    """Say what a name was declared as."""
    match bound:
        case Hyper():
            return "a number of the header"
        case Declared():
            return _WORDS.get(bound.role, f"a {bound.role}")
        case Block():
            return "a node"
        case Term():
            return "a loss" if bound.kind == "loss" else "a term"
        case Data():
            return "data"
        case Template():
            return "a net" if bound.learned else "a moving average"
        case ast.Func():
            return "a function"
        case Used():
            return "a trained model"
        case _:
            return "something else"
