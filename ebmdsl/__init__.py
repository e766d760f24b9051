"""A language for energy-based models, and its compiler."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ebmdsl.compilation import Compilation, compile, diagnose, load

__version__ = "0.1.0"
__all__ = ["Compilation", "__version__", "compile", "diagnose", "load"]


def __getattr__(name: str) -> object:
    """Look up a public name in the compiler when it is first used (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("ebmdsl.compilation"), name)
