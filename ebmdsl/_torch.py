"""The one lazy handle on torch: attributes come from the real module when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

__all__ = ["torch"]

if TYPE_CHECKING:
    import torch
else:
    from importlib import import_module
    from types import ModuleType

    @final
    class _Lazy(ModuleType):
        def __getattr__(self, name: str) -> object:
            value = getattr(import_module("torch"), name)
            setattr(self, name, value)
            return value

    torch = _Lazy("torch")
