"""Quadratic energies as tensors: a Hessian with what is computed from it once, b and c."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl.concepts.matrices import cholesky, eigen, largest_eigenvalue, length
from ebmdsl.lower.blocks import in_blocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    Energy = Callable[..., Tensor]
    Kept = dict[str, tuple[Tensor, ...]]

SPECTRUM = 1024
POWER_STEPS = 40
MARGIN = 1.05
FACTORIZABLE = 2048
FAR = 64.0
CUTOFF = 8
ROUNDING = 1e-5
NOISE = {torch.float32: 1e-5, torch.float64: 1e-10}


def _nothing() -> Kept:
    return {}


@final
@dataclass(frozen=True, slots=True, eq=False)
class Hessian:
    """A symmetric matrix, [d, d] for all samples or [n, d, d], and what follows from it."""

    tensor: Tensor
    kept: Kept = field(default_factory=_nothing, repr=False)
    origin: torch.dtype | None = None

    @property
    def shared(self) -> bool:
        """Whether one matrix serves every sample."""
        return self.tensor.dim() == 2

    def times(self, z: Tensor) -> Tensor:
        """Return the product with every sample, [n, d]."""
        if self.shared:
            return z @ self.tensor
        return torch.bmm(self.tensor, z.unsqueeze(-1)).squeeze(-1)

    def largest(self) -> Tensor:
        """Bound the largest eigenvalue from above: [] when shared, else [n, 1]."""
        return self.once("largest", _largest)[0]

    def solve(self, b: Tensor) -> Tensor:
        """Return the solution of Q z = b of least norm, [n, d]; the work is in float64."""
        (inverse,) = self._keep("inverse", lambda q: (_inverse(q, self._precision),))
        wide = b.double()
        if self.shared:
            return (wide @ inverse).to(b.dtype)
        return torch.bmm(inverse, wide.unsqueeze(-1)).squeeze(-1).to(b.dtype)

    def span(self, z: Tensor) -> Tensor:
        """Bound the length of Q z from above, [n, 1]."""
        return self.largest() * length(z)

    @property
    def noise(self) -> float:
        """Return the relative size below which a residual is rounding of the matrix."""
        return NOISE[self._precision]

    @property
    def _precision(self) -> torch.dtype:
        return self.origin or self.tensor.dtype

    @property
    def is_small(self) -> bool:
        """Whether a factorization is worth its cost."""
        return self.tensor.shape[-1] <= FACTORIZABLE

    def once(
        self, key: str, make: Callable[[Tensor], tuple[Tensor, ...]]
    ) -> tuple[Tensor, ...]:
        """Return what `make` computes from the matrix, computed once per matrix."""
        return self._keep(f"{key} in {self.tensor.dtype}", make)

    def _keep(
        self, key: str, make: Callable[[Tensor], tuple[Tensor, ...]]
    ) -> tuple[Tensor, ...]:
        if key not in self.kept:
            self.kept[key] = make(self.tensor)
        return self.kept[key]

    def rows(self, index: Tensor) -> Hessian:
        """Return the matrices of some samples with all that is known about them."""
        if self.shared:
            return self
        kept = {key: tuple(one[index] for one in known) for key, known in self.kept.items()}
        return Hessian(self.tensor[index], kept, self.origin)

    def double(self) -> Hessian:
        """Return the matrix in float64, converted once."""
        if self.tensor.dtype == torch.float64:
            return self
        (wide,) = self._keep("double", lambda q: (q.double(),))
        return Hessian(wide, self.kept, self._precision)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Quadratic:
    r"""$f(z) = \tfrac12 z^\top Q z - b^\top z + c$: b is `linear` [n, d], c `constant` [n]."""

    hessian: Hessian
    linear: Tensor
    constant: Tensor

    def value(self, z: Tensor) -> Tensor:
        """Return f, [n]."""
        return (z * (self.hessian.times(z) / 2 - self.linear)).sum(-1) + self.constant

    def gradient(self, z: Tensor) -> Tensor:
        """Return Q z - b, [n, d]."""
        if self.hessian.shared:
            return torch.addmm(self.linear, z, self.hessian.tensor, beta=-1)
        return self.hessian.times(z) - self.linear

    def curvature(self, z: Tensor) -> Tensor:
        """Return Q for every sample, [n, d, d]."""
        return self.hessian.tensor.expand(z.shape[0], -1, -1)

    def rows(self, index: Tensor) -> Quadratic:
        """Return the same for some of the samples."""
        return Quadratic(self.hessian.rows(index), self.linear[index], self.constant[index])

    def double(self) -> Quadratic:
        """Return the same in float64."""
        return Quadratic(self.hessian.double(), self.linear.double(), self.constant.double())


def _largest(matrix: Tensor) -> tuple[Tensor, ...]:
    if matrix.dim() == 3:
        bound = matrix.abs().sum(-1).amax(-1, keepdim=True)
        return (torch.minimum(bound, MARGIN * _power(matrix)),)
    if matrix.shape[-1] > SPECTRUM:
        return (_largest(matrix.unsqueeze(0))[0].reshape(()),)
    top = largest_eigenvalue(matrix.double()).to(matrix.dtype)
    return (top * (1 + ROUNDING),)


def _inverse(matrix: Tensor, precision: torch.dtype) -> Tensor:
    """Return the inverse in float64, or the pseudo-inverse where the matrix is singular."""
    wide = matrix.double()
    factor, found = cholesky(wide)
    pivots = factor.diagonal(dim1=-2, dim2=-1) ** 2
    noise = CUTOFF * torch.finfo(precision).eps
    good = found & (pivots.amin(-1) > noise * pivots.amax(-1))
    if not torch.compiler.is_compiling() and bool(good.all()):
        return torch.cholesky_inverse(factor)
    values, vectors = eigen(wide)
    kept = ~(values <= noise * values[..., -1:].clamp_min(0))
    inverted = torch.where(kept, 1 / values, torch.zeros_like(values))
    pseudo = (vectors * inverted.unsqueeze(-2)) @ vectors.mT
    safe = torch.where(good[..., None, None], factor, _like_eye(factor))
    return torch.where(good[..., None, None], torch.cholesky_inverse(safe), pseudo)


def _like_eye(matrix: Tensor) -> Tensor:
    eye = torch.eye(matrix.shape[-1], dtype=matrix.dtype, device=matrix.device)
    return eye.expand_as(matrix)


def _power(matrix: Tensor) -> Tensor:
    """Estimate the largest eigenvalue from below by the power method, [..., 1]."""
    d = matrix.shape[-1]
    phase = torch.arange(d, dtype=matrix.dtype, device=matrix.device)
    v = torch.cos(1.7 * phase + 0.3).expand(*matrix.shape[:-1]).unsqueeze(-1)
    for _ in range(POWER_STEPS):
        v = matrix @ (v / _norm(v))
    return _norm(v).squeeze(-1)


def _norm(v: Tensor) -> Tensor:
    return length(v.mT).mT.clamp_min(torch.finfo(v.dtype).tiny)


def quadratic_of(
    energy: Energy, data: tuple[Tensor, ...], *, like: Tensor, shared: bool
) -> Quadratic:
    """Read Q, b and c off `energy(z, *data) -> [n]`, which is proved quadratic in z.

    `data` are the samples' tensors, [n, ...]; `like` is any tensor of shape [n, d] with the
    dtype and device of z. b is minus the gradient at 0, c the value at 0, and the columns of
    Q are derivatives of the gradient along the axes: exact, nothing is symbolic. `shared`
    says that Q depends on no sample; it is then found at one neutral sample.
    """
    matrix = hessian_of(energy, data, like=like, shared=shared)
    return Quadratic(Hessian(matrix), *linear_of(energy, data, like=like))


def linear_of(
    energy: Energy, data: tuple[Tensor, ...], *, like: Tensor
) -> tuple[Tensor, Tensor]:
    """Return only b, [n, d], and c, [n]: what changes from sample to sample."""
    start = torch.zeros_like(like)

    def rowwise(z: Tensor, *rows: Tensor) -> tuple[Tensor, ...]:
        return _first(energy, z, data=rows)

    linear, constant = in_blocks(rowwise, (start, *data))
    return linear, constant


def hessian_of(
    energy: Energy,
    data: tuple[Tensor, ...],
    *,
    like: Tensor,
    shared: bool,
    at: Tensor | None = None,
) -> Tensor:
    """Return only the matrix: [d, d] where it is shared, else [n, d, d]; at 0 or `at`."""
    if shared:
        matrix = _common(energy, data, like=like)
        return (matrix + matrix.mT) / 2

    def rowwise(z: Tensor, *rows: Tensor) -> tuple[Tensor, ...]:
        return (_second(energy, z, data=rows),)

    return in_blocks(rowwise, (torch.zeros_like(like) if at is None else at, *data))[0]


def _first(energy: Energy, z: Tensor, *, data: tuple[Tensor, ...]) -> tuple[Tensor, Tensor]:
    def total(z: Tensor) -> tuple[Tensor, Tensor]:
        value = energy(z, *data)
        return value.sum(), value

    gradient, value = torch.func.grad(total, has_aux=True)(z)
    return -gradient, value


def _second(energy: Energy, z: Tensor, *, data: tuple[Tensor, ...]) -> Tensor:
    def column(axis: Tensor) -> Tensor:
        return _along(energy, z, data=data, axis=axis)

    n, d = z.shape
    axes = torch.eye(d, dtype=z.dtype, device=z.device).unsqueeze(1).expand(d, n, d)
    matrix = torch.func.vmap(column)(axes).permute(1, 2, 0)
    return (matrix + matrix.mT) / 2


def _common(energy: Energy, data: tuple[Tensor, ...], *, like: Tensor) -> Tensor:
    """Return the matrix that all samples share: what one gradient at far points on the axes
    has more than at 0. A power of two keeps the difference exact and rounding far below it.
    """
    d = like.shape[-1]
    axes = torch.cat([FAR * torch.eye(d).to(like), like.new_zeros(1, d)])
    neutral = tuple(_neutral(one).expand(d + 1, *one.shape[1:]) for one in data)
    if torch.compiler.is_compiling() or _is_transformed():
        return _along(energy, 0 * axes, data=neutral, axis=axes)[:-1] / FAR
    live = torch.is_grad_enabled()
    with torch.enable_grad():
        z = axes.requires_grad_()
        (slope,) = torch.autograd.grad(energy(z, *neutral).sum(), z, create_graph=live)
    return (slope[:-1] - slope[-1:]) / FAR


def _is_transformed() -> bool:
    """Tell whether this runs inside a transform of torch.func, where no tensor is a leaf."""
    stack: Any = import_module("torch._C._functorch")
    return stack.peek_interpreter_stack() is not None


def _along(energy: Energy, z: Tensor, *, data: tuple[Tensor, ...], axis: Tensor) -> Tensor:
    """Return the derivative of the gradient along a direction of each sample, [n, d]."""

    def total(z: Tensor) -> Tensor:
        return energy(z, *data).sum()

    return torch.func.jvp(torch.func.grad(total), (z,), (axis,))[1]


def _neutral(one: Tensor) -> Tensor:
    """A sample that no sample can poison: halves, or zeros where entries are counted."""
    shape = (1, *one.shape[1:])
    return one.new_full(shape, 0.5) if one.is_floating_point() else one.new_zeros(shape)
