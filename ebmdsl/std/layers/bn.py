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

    from ebmdsl.concepts.context import Context
    from ebmdsl.concepts.shape import Shape


@final
@concept("bn")
class Bn(Layer):
    r"""Batch normalization, $g\, (x - \mu) / \sqrt{\sigma^2 + \epsilon} + b$ for every channel.

    In training $\mu$ and $\sigma^2$ are those of the batch, otherwise the running ones, which
    move a `momentum` towards those of each batch. Nothing is proved of it because in
    training a sample is seen through the others.

    References: Ioffe & Szegedy 2015, arXiv:1502.03167
    """

    eps: float = 1e-5
    momentum: float = 0.1
    facts: ClassVar[Facts] = Facts()

    def weights(self, x: Shape) -> tuple[Weight, ...]:
        """Declare a factor and a bias for each channel, and the running statistics."""
        channels = (x[0],)
        return (
            Weight("weight", channels, init="ones"),
            Weight("bias", channels, init="zeros"),
            Weight("mean", channels, init="zeros", learned=False),
            Weight("variance", channels, init="ones", learned=False),
        )

    def shape(self, x: Shape) -> Shape | Misfit:
        """Return the shape of the input."""
        return x if x else Misfit("a scalar has no channels")

    def apply(self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context) -> Tensor:
        """Evaluate, [n, channels, *space] -> [n, channels, *space]."""
        mean, variance = self._statistics(x, weights, context=context)
        shape = (1, -1, *([1] * (x.dim() - 2)))
        scale = weights["weight"] / (variance + self.eps).sqrt()
        return (x - mean.reshape(shape)) * scale.reshape(shape) + weights["bias"].reshape(shape)

    def _statistics(
        self, x: Tensor, weights: Mapping[str, Tensor], *, context: Context
    ) -> tuple[Tensor, Tensor]:
        """Return mean and variance of every channel: of the batch, or the running ones."""
        running = weights["mean"], weights["variance"]
        if not context.training:
            return running
        variance, mean = torch.var_mean(x.transpose(0, 1).flatten(1), dim=1, correction=0)
        count = x.numel() // x.shape[1]
        unbiased = variance * (count / max(count - 1, 1))
        for held, now in zip(running, (mean, unbiased), strict=True):
            context.keep(held, now, share=self.momentum)
        return mean, variance
