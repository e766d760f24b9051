"""`marginalize with variational(q)`: an upper bound on F by draws that move with q."""

from __future__ import annotations

from dataclasses import replace
from math import e, log, pi
from typing import TYPE_CHECKING, ClassVar, NamedTuple, final

import torch

from ebmdsl.concepts.facts import Block
from ebmdsl.expr.points import spread
from ebmdsl.expr.prove import prove
from ebmdsl.lower.elimination import Elimination, settled
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.quadratic import hessian_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ebmdsl.expr.node import Node
    from ebmdsl.lower.elimination import Asked, Values
    from ebmdsl.lower.loop import Solution

    Energy = Callable[[Tensor], Tensor]

DRAWS = 16


@final
class Options(NamedTuple):
    """The two options of q for every sample, [n, d] each: mean and scale, or both ends."""

    first: Tensor
    second: Tensor


@final
class Variational(Elimination):
    r"""The bound $E_q[E] + \tfrac1\beta E_q[\log q]$ with $z = \mu + \sigma \epsilon$.

    While gradients are recorded the latent is one draw of q, live; otherwise it is the mean
    of q, and what has no known mean is averaged over `DRAWS` draws.

    References: Kingma & Welling 2014, arXiv:1312.6114
    """

    live: ClassVar[bool] = True

    def find(self, values: Values, *, samples: int, like: Tensor, asked: Asked) -> Solution:
        """Return a draw of q, or its mean; the certificate is the bound's standard error."""
        q = self._options(values, samples)
        if torch.is_grad_enabled():
            return settled(self._draws(q, count=1, asked=asked)[0])
        drawn = self._drawn(values, self._draws(q, count=DRAWS, asked=asked), q=q)
        error = drawn.double().std(0) / DRAWS**0.5
        return replace(settled(self._mean(q)), certificate=error)

    def value(self, values: Values, point: Tensor, *, asked: Asked) -> Tensor | None:
        """Return the bound, [n]."""
        q = self._options(values, point.shape[0])
        live = torch.is_grad_enabled()
        draws = point.unsqueeze(0) if live else self._draws(q, count=DRAWS, asked=asked)
        value = self._drawn(values, draws, q=q).mean(0)
        if not self._gaussian:
            return value + self._known(values, self._mean(q))
        surprise = q.second.log().sum(-1) + q.second.shape[1] * log(2 * pi * e) / 2
        known = self._average(values, q) - surprise / self.beta(values)
        return value + known

    @property
    def _law(self) -> Node:
        assert self.step.start is not None
        return self.step.start

    @property
    def _gaussian(self) -> bool:
        return self._law.data.word == "normal"

    def _options(self, values: Values, samples: int) -> Options:
        law = self._law
        found = (_full(law, arg, values=values, samples=samples) for arg in law.args)
        return Options(*found)

    def _mean(self, q: Options) -> Tensor:
        return q.first if self._gaussian else (q.first + q.second) / 2

    def _draws(self, q: Options, *, count: int, asked: Asked) -> Tensor:
        """Return draws that move with the options, [count, n, d]."""
        rng = asked.randomness.stream(f"variational {', '.join(self.step.names)}")
        size = (count, *q.first.shape)
        if self._gaussian:
            noise = torch.randn(size, generator=rng, dtype=q.first.dtype)
            return q.first + q.second * noise.to(q.first.device)
        noise = torch.rand(size, generator=rng, dtype=q.first.dtype).to(q.first.device)
        return q.first + (q.second - q.first) * noise

    def _drawn(self, values: Values, draws: Tensor, *, q: Options) -> Tensor:
        """Return what has no known mean at every draw, [count, n]."""
        total = torch.zeros_like(draws[..., 0])
        if self.step.sampled is not None:
            parts = [self._at(self.step.sampled, values, z=each) for each in draws]
            total = total + torch.stack(parts)
        if self._gaussian:
            return total
        surprise = self._law.data.law.surprise(draws, *q).sum(-1)
        return total - surprise / self.beta(values)

    def _average(self, values: Values, q: Options) -> Tensor:
        """Return the mean over a Gaussian of the part that is quadratic, [n]."""
        assert self.step.smooth is not None
        facts = prove(self.step.smooth, frozenset(self.step.names))
        if facts.affine:
            return self._known(values, q.first)
        if facts.block <= Block.SEPARABLE:
            ends = (self._known(values, q.first + s * q.second) for s in (1, -1))
            return sum(ends, torch.zeros_like(q.first[:, 0])) / 2
        bend = self._curvature(values, q.first)
        return self._known(values, q.first) + (q.second**2 * bend).sum(-1) / 2

    def _curvature(self, values: Values, like: Tensor) -> Tensor:
        """Return the second derivatives along each axis, [d], the same for every sample."""
        assert self.step.smooth is not None
        per_sample = self.reduced.per_sample
        own = {*per_sample, *self.step.names}
        fixed = {name: x for name, x in values.items() if name not in own}
        energy = self.reduced.energy(self.step.smooth, fixed)
        data = tuple(values[name] for name in per_sample)
        return hessian_of(energy, data, like=like, shared=True).diagonal()

    def _known(self, values: Values, z: Tensor) -> Tensor:
        assert self.step.smooth is not None
        return self._at(self.step.smooth, values, z=z)

    def _at(self, node: Node, values: Values, *, z: Tensor) -> Tensor:
        found = evaluate(node, {**values, **self.reduced.layout.split(z)})
        return found.reshape(-1).expand(z.shape[0])


def _full(law: Node, option: Node, *, values: Values, samples: int) -> Tensor:
    """Return an option of a law for every entry of every sample, [n, d]."""
    held = {plate.index for plate in option.plates}
    lead = [samples] if option.per_sample else [1]
    plates = [plate.size if plate.index in held else 1 for plate in law.plates]
    whole = spread(option, law.shape)
    x = evaluate(whole, values).reshape([*lead, *plates, *law.shape])
    size = [samples, *(plate.size for plate in law.plates), *law.shape]
    return x.expand(size).flatten(1)
