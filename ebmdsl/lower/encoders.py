"""Where unrolled encoders start: the maps of the energy whose solver they are."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, final

import torch

from ebmdsl.concepts.pipes import below
from ebmdsl.lower.energy import evaluate
from ebmdsl.lower.quadratic import Hessian, hessian_of, linear_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ebmdsl.concepts.unrolled import Kernels, Origin, Unrolled

    Values = Mapping[str, Tensor]
    Maps = dict[str, Tensor]

POWER_STEPS = 100
MARGIN = 1.02
ROUNDING = 1e-3
HELD = 2048


@final
class StrangeMapsError(ValueError):
    """The energy is none whose steps have the maps that the layer has."""


@torch.no_grad()
def maps(layer: Unrolled, values: Values, *, like: Tensor) -> Maps:
    """Return the first weights of an unrolled solver: it is then the solver itself.

    `values` hold the parameters of the model, and those of used ones under their names. For
    an energy $z^T Q z / 2 - (B x + c)^T z$ and steps of length t, the maps are t B, t c and
    1 - t Q, and thresholds t times the weight of the regularizer: t is 1/L for `ista`, the
    largest step that is safe, and 1/Q_ii for the entries of `coordinate_descent`. Raises
    StrangeMapsError where a decoder is no plain convolution in the energy.
    """
    assert layer.origin is not None
    held = below(layer.origin.model, values) if layer.origin.model else dict(values)
    energy = _Energy(layer, layer.origin, held, like=like)
    if layer.kernels is not None:
        return _convolutions(energy, layer.kernels)
    return _matrices(energy)


@final
class _Energy:
    """The quadratic part of an energy as a function of the latent and of what it sees."""

    def __init__(
        self, layer: Unrolled, origin: Origin, values: Values, *, like: Tensor
    ) -> None:
        self.layer, self.origin, self.values, self.like = layer, origin, values, like
        self.size = prod(layer.latent)

    def value(self, z: Tensor, *data: Tensor) -> Tensor:
        """Return it, [n]; z is [n, d]."""
        seen = dict(zip(self.layer.names, data, strict=True))
        latent = {self.origin.latent: z.reshape(-1, *self.layer.latent)}
        return evaluate(self.origin.smooth, {**self.values, **seen, **latent}).reshape(-1)

    def data(self, x: Tensor) -> tuple[Tensor, ...]:
        """Cut vectors [n, e] into what the energy sees."""
        sizes = [prod(shape) for shape in self.layer.inputs]
        pieces = zip(x.split(sizes, 1), self.layer.inputs, strict=True)
        return tuple(piece.reshape(-1, *shape) for piece, shape in pieces)

    def zeros(self, n: int, size: int) -> Tensor:
        """Return zeros of the precision of the parameters, [n, size]."""
        return self.like.new_zeros(n, size)

    def pull(self, z: Tensor, x: Tensor) -> Tensor:
        """Return minus the slope, B x + c - Q z, [n, d]."""
        data = self.data(x)
        slope = torch.func.grad(lambda z: self.value(z, *data).sum())(z)
        return -slope

    def threshold(self, step: Tensor) -> Maps:
        """Return the thresholds of steps of these lengths, if there are any."""
        if self.layer.prox is None:
            return {}
        weight = (
            self.like
            if self.origin.weight is None
            else self.like + evaluate(self.origin.weight, self.values)
        )
        (declared,) = (w for w in self.layer.weights(self._whole) if w.name == "threshold")
        return {"threshold": (weight * step).expand(declared.shape).clone()}

    @property
    def _whole(self) -> tuple[int, ...]:
        inputs = self.layer.inputs
        return inputs[0] if len(inputs) == 1 else (sum(map(prod, inputs)),)


def _matrices(energy: _Energy) -> Maps:
    """Read the maps off: columns of B are slopes at the axes of what is seen."""
    count = sum(prod(shape) for shape in energy.layer.inputs)
    axes = torch.cat([torch.eye(count).to(energy.like), energy.zeros(1, count)])
    like, data = energy.zeros(count + 1, energy.size), energy.data(axes)
    pulls = linear_of(energy.value, data, like=like)[0]
    matrix = hessian_of(energy.value, data, like=like, shared=True)
    step = _step(energy.layer, matrix)
    input = (pulls[:-1] - pulls[-1:]).mT
    eye = torch.eye(energy.size).to(matrix)
    return {
        "input": step.reshape(-1, 1) * input,
        "offset": step.reshape(-1) * pulls[-1],
        "lateral": eye - step.reshape(-1, 1) * matrix,
        **energy.threshold(step),
    }


def _step(layer: Unrolled, matrix: Tensor) -> Tensor:
    """Return the length of a step: one number, or one for every coordinate."""
    if layer.rule == "ista":
        return 1 / Hessian(matrix).largest()
    bend = matrix.diagonal()
    return torch.where(bend > 0, 1 / bend, torch.ones_like(bend))


def _convolutions(energy: _Energy, kernels: Kernels) -> Maps:
    r"""Read the maps off the decoder's kernels D and three numbers a, b and r.

    The energy is $a \lVert D z \rVert^2 / 2 - b \langle x, D z \rangle + r \lVert z \rVert^2
    / 2$, which is checked at a random point.
    """
    down = energy.values[energy.origin.kernel]
    up = down.flip(2, 3).transpose(0, 1)
    a, b, r = _three(energy, kernels, down=down)
    step = 1 / _largest(energy)
    channels = energy.layer.latent[:1]
    return {
        "input": step * b * up,
        "offset": energy.like.new_zeros(channels),
        "kept": (1 - step * r).expand(channels).clone(),
        "down": down.clone(),
        "up": step * a * up,
        **energy.threshold(step),
    }


def _three(energy: _Energy, kernels: Kernels, *, down: Tensor) -> tuple[Tensor, ...]:
    """Find the numbers a, b and r of the energy, and refuse what they do not describe."""
    rng = torch.Generator().manual_seed(0)
    count = prod(energy.layer.inputs[0])
    z = torch.randn(1, energy.size, generator=rng).to(energy.like)
    x = torch.randn(1, count, generator=rng).to(energy.like)
    conv = torch.nn.functional.conv2d
    seen = conv(z.reshape(1, *energy.layer.latent), down, padding=kernels.margin)
    up, margin = down.flip(2, 3).transpose(0, 1), kernels.width - 1 - kernels.margin
    turned = conv(seen, up, padding=margin).reshape(1, -1)
    back = conv(energy.data(x)[0], up, padding=margin).reshape(1, -1)
    still, none = energy.zeros(1, energy.size), energy.zeros(1, count)
    pulled, pushed = energy.pull(still, x), -energy.pull(z, none)
    b = (pulled * back).sum() / back.square().sum()
    columns = torch.cat([turned, z]).mT.double()
    a, r = torch.linalg.lstsq(columns, pushed.mT.double()).solution.squeeze(1).to(z.dtype)
    missed = (pulled - b * back).norm() + (pushed - a * turned - r * z).norm()
    if not float(missed) <= ROUNDING * float(pulled.norm() + pushed.norm()):
        raise StrangeMapsError("its energy is no square of what one convolution leaves")
    return a, b, r


def _largest(energy: _Energy) -> Tensor:
    """Bound the largest eigenvalue: exactly where the matrix is small, else by its powers."""
    none = energy.zeros(1, prod(energy.layer.inputs[0]))
    if energy.size <= HELD:
        like = energy.zeros(1, energy.size)
        matrix = hessian_of(energy.value, energy.data(none), like=like, shared=True)
        return Hessian(matrix).largest()
    rng = torch.Generator().manual_seed(0)
    v = torch.randn(1, energy.size, generator=rng).to(energy.like)
    still = energy.pull(torch.zeros_like(v), none)
    for _ in range(POWER_STEPS):
        v = still - energy.pull(v / v.norm(), none)
    return MARGIN * v.norm()
