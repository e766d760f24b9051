"""Mistakes in nets: what is no layer, and layers outside of a net."""

from __future__ import annotations

from typing import final

from ebmdsl.source.mistake import Mistake, mistake


@final
@mistake("not-a-layer")
class NotALayer(Mistake):
    """Something stands in the pipe of a `net` that is no layer.

    ```ebm
    model fails
    observed y : real[2]
    net f = linear(2) |> exp
    cost e = sq(f(y))
    ```

    A net is made of layers and other nets; functions are applied to its value.

    ```ebm
    model works
    observed y : real[2]
    net f = linear(2)
    cost e = sq(y - exp(f(y)))
    train by energy
    ```
    """

    name: str
    what: str
    remedy: str

    def message(self) -> str:
        """Say what it is instead."""
        return f"`{self.name}` is {self.what}, not a layer"

    def text(self) -> str:
        """Say what a pipe is made of."""
        return "a net is made of layers and nets"

    def help(self) -> str:
        """Say where it belongs."""
        return self.remedy


@final
@mistake("layer-outside-net")
class LayerOutsideNet(Mistake):
    """A layer has weights, and weights need a name: layers are written in `net` only.

    ```ebm
    model fails
    observed y : real[2]
    cost e = sq(y |> linear(2))
    ```

    Name the net, then call it.

    ```ebm
    model works
    observed y : real[2]
    net f = linear(2)
    cost e = sq(y - f(y))
    train by energy
    ```
    """

    name: str

    def message(self) -> str:
        """Say where layers are written."""
        return f"`{self.name}` is a layer, and layers are written in `net` only"

    def text(self) -> str:
        """Say why."""
        return "its weights would have no name"

    def help(self) -> str:
        """Show the two lines."""
        return f"write `net f = {self.name}(…)`, then `f(…)` here"
