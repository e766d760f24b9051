"""`bn`: batch normalization."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Facts
from ebmdsl.concepts.kinds import Layer, Weight
from ebmdsl.concepts.shape import Misfit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.kinds import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("bn")
class Bn(Layer):
    r"""Batch normalization, $g\, (x - \mu) / \sqrt{\sigma^2 + \epsilon} + b$ for every channel.

    In training $\mu$ and $\sigma^2$ are those of the batch, otherwise the running ones that
    `context.state` holds as `mean` and `variance`. Nothing is proved of it because in
    training a sample is seen through the others.

    References: Ioffe & Szegedy 2015, arXiv:1502.03167
    """

    eps: float = 1e-5
    facts: ClassVar[Facts] = Facts()
    needs: ClassVar[str] = "running statistics"

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare a factor and a bias for each channel."""
        channels = (x[0],)
        return (Weight("weight", channels, init="ones"), Weight("bias", channels, init="zeros"))

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        return x if x else Misfit("a scalar has no channels")

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, channels, *space] -> [n, channels, *space]."""
        mean, variance = _statistics(x, context)
        shape = (1, -1, *([1] * (x.dim() - 2)))
        scale = weights["weight"] / (variance + self.eps).sqrt()
        return (x - mean.reshape(shape)) * scale.reshape(shape) + weights["bias"].reshape(shape)


def _statistics(x: Tensor, context: Context) -> tuple[Tensor, Tensor]:
    """Return mean and variance of every channel: of the batch, the running ones, or 0 and 1."""
    if context.training == "train":
        variance, mean = torch.var_mean(x.transpose(0, 1).flatten(1), dim=1, correction=0)
        return mean, variance
    if context.state is not None:
        return context.state["mean"], context.state["variance"]
    return x.new_zeros(x.shape[1]), x.new_ones(x.shape[1])
