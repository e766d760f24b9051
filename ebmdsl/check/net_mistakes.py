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


@final
@mistake("cannot-unroll")
class CannotUnroll(Mistake):
    """The solver of a latent cannot be written as a few maps and proximal steps.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[2]
    param W : real[4, 2]
    net dec = linear(8) |> tanh |> linear(4)
    net fast = unroll(z, ista(steps = 3), learn = all)
    cost recon = sq(y - dec(z))
    loss agree = sq(z - fast(y))
    infer z by minimize
    train by energy
    ```

    Unrolling needs an energy that is quadratic in the latent and what it sees, and at most
    one function with a prox, such as `l1`.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[2]
    param W : real[4, 2] with unit_columns
    net fast = unroll(z, ista(steps = 3), learn = all)
    cost recon = sq(y - W @ z) / 2
    regularizer sparse = l1(z) / 4
    loss agree = sq(z - fast(y))
    infer z by minimize
    train by energy
    ```
    """

    name: str
    reason: str
    remedy: str

    def message(self) -> str:
        """Say what cannot be unrolled, and why."""
        return f"`{self.name}` cannot be unrolled: {self.reason}"

    def help(self) -> str:
        """Say what can be."""
        return self.remedy
