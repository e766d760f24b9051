"""`anisotropy`: how oriented the pictures in the columns of a matrix are."""

from __future__ import annotations

from math import isqrt
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.facts import Block, Facts, Smoothness
from ebmdsl.concepts.kinds import Function
from ebmdsl.concepts.shape import Misfit, show
from ebmdsl.concepts.symbol import Symbol

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.shape import Shape


@final
@concept("anisotropy")
class Anisotropy(Function):
    r"""How oriented the pictures in the columns of a matrix are, from 0 to 1.

    Each column is a square picture with the power spectrum $P$; the value is
    $\lvert \sum_f P_f\, e^{2 i \theta_f} \rvert / \sum_f P_f$ with $\theta_f$ the angle of the
    frequency: 0 for a spot, near 1 for an edge or a bar.

    References: Bigün & Granlund 1987, doi:10.1109/34.94313
    """

    facts: ClassVar[tuple[Facts, ...]] = (
        Facts(smoothness=Smoothness.C0, block=Block.GROUPED, low=0, high=1),
    )
    symbol: ClassVar[Symbol] = Symbol("anisotropy({})")

    def shape(self, *arguments: Shape) -> Shape | Misfit:
        """Return one number a column."""
        event = arguments[0]
        if len(event) != 2 or isqrt(event[0]) ** 2 != event[0]:
            return Misfit(f"the columns of {show(event)} are no square pictures")
        return event[1:]

    def value(self, *arguments: Tensor) -> Tensor:
        """Evaluate, [n, s * s, k] -> [n, k]."""
        x = arguments[0]
        side = isqrt(x.shape[1])
        columns = x.mT - x.mT.mean(-1, keepdim=True)
        power = _power(columns.unflatten(-1, (side, side)))
        along = torch.fft.fftfreq(side, device=x.device, dtype=x.dtype)
        down, right = (each.flatten() for each in torch.meshgrid(along, along, indexing="ij"))
        squared = (down.square() + right.square()).clamp_min(1e-12)
        even, odd = (right.square() - down.square()) / squared, 2 * right * down / squared
        length = torch.hypot(power @ even, power @ odd)
        return length / power.sum(-1).clamp_min(1e-12)


def _power(pictures: Tensor) -> Tensor:
    """Return the power spectrum, [n, k, s, s] -> [n, k, s * s]."""
    wave = torch.fft.fft(
        torch.eye(pictures.shape[-1], dtype=pictures.dtype, device=pictures.device)
    )
    spectrum = wave @ pictures.to(wave.dtype) @ wave.mT
    return (spectrum.real.square() + spectrum.imag.square()).flatten(-2)
