"""`admm`: over-relaxed operator splitting with one factorization."""

from __future__ import annotations

from dataclasses import replace
from math import log
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.matrices import cholesky, length
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse, Tunable
from ebmdsl.concepts.stepping import refusal_of_bent, refusal_of_matrix, refusal_of_proximal

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Quadratic, Verdict


class State(NamedTuple):
    """The splitting variable, the point, and α (Q + ρI)⁻¹ b, which never changes."""

    s: Tensor
    z: Tensor
    offset: Tensor


@final
@concept("admm")
class Admm(Solver, Tunable):
    r"""Douglas–Rachford splitting (ADMM) for a quadratic plus a term with a prox.

    $z = \mathrm{prox}_{g/\rho}(s)$, $x = (Q + \rho I)^{-1}(b + \rho (2z - s))$,
    $s^+ = s + \alpha (x - z)$ with $\alpha = 1.9$. The inverse is computed once for all
    samples and steps, so a step costs one matrix product, as a gradient step does, and
    there are about five times fewer of them. ρ is `penalty` times the mean curvature; for
    samples that are slow it is lowered, in steps of 4, to about the length of the slope over
    that of z (the ratio of dual to primal scale, by which ADMM is fastest; measured on nine
    dictionaries: up to ten times fewer steps where the penalty is weak).

    References: Eckstein & Bertsekas 1992, doi:10.1007/BF01581204; Boyd et al. 2011,
    doi:10.1561/2200000016
    """

    steps: int = 3000
    tol: float | None = None
    penalty: float = 0.7
    gradient: Literal["constant", "implicit", "unroll", "one_step"] = "constant"

    expected: ClassVar[int] = 40
    relaxation: ClassVar[float] = 1.9
    ratio: ClassVar[float] = 1.5
    factor: ClassVar[float] = 4.0
    lowest: ClassVar[int] = -8

    def __post_init__(self) -> None:
        _ = self.budget  # which refuses what no run can have

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_proximal(problem)
        if refusal is not None:
            return refusal
        if not problem.quadratic or not problem.smooth.convex:
            return Refuse(f"the smooth part is not proved a convex quadratic in {problem.name}")
        bent = refusal_of_bent(problem)
        if bent is not None:
            return bent
        too_large = refusal_of_matrix(problem)
        if too_large is not None:
            return too_large
        if not problem.rough and problem.free:
            return Refuse("there is nothing to split: no kink and no bound, only a quadratic")
        spread = problem.batch if problem.shared else 1
        factorization = 4.0 * problem.size**3 / spread
        shared = "one factorization for all samples" if problem.shared else "one per sample"
        return Accept(
            cost=factorization + self.expected * (problem.gradient + 8 * problem.size),
            reason=f"{shared}, then about {self.expected} steps of one product and one prox",
            certificate=problem.certificate,
        )

    def init(self, objective: Objective, start: Tensor) -> State:
        quadratic = _quadratic(objective)
        inverse, _, penalty = self._factored(quadratic)
        s = start - objective.gradient(start) / penalty
        offset = self.relaxation * _times(inverse, quadratic.linear)
        return State(s, objective.prox(s, 1 / penalty), offset)

    def step(self, objective: Objective, state: State) -> State:
        _, scaled, penalty = self._factored(_quadratic(objective))
        mirrored = torch.lerp(state.s, state.z, 2.0)
        kept = torch.add(state.s, state.z, alpha=-self.relaxation) + state.offset
        if scaled.dim() == 2:
            s = torch.addmm(kept, mirrored, scaled)
        else:
            s = kept + _times(scaled, mirrored)
        return State(s, objective.prox(s, 1 / penalty), state.offset)

    def solution(self, state: State) -> Tensor:
        return state.z

    def levels(self, objective: Objective, z: Tensor) -> Tensor:
        matrix = _quadratic(objective).hessian.tensor
        mean = matrix.diagonal(dim1=-2, dim2=-1).mean(-1)
        wanted = self.ratio * (length(objective.gradient(z)) / length(z)).squeeze(-1) / mean
        level = torch.round(torch.log(wanted / self.penalty) / log(self.factor))
        return (
            torch.nan_to_num(level, nan=0.0, posinf=0.0, neginf=0.0)
            .clamp(self.lowest, 0)
            .long()
        )

    def tuned(self, level: int) -> Admm:
        return replace(self, penalty=self.penalty * self.factor**level)

    def _factored(self, quadratic: Quadratic) -> tuple[Tensor, ...]:
        # While a graph is traced a float may be symbolic, and there is one solver per matrix.
        at = "" if torch.compiler.is_compiling() else f" at {self.penalty}"
        return quadratic.hessian.once(f"splitting{at}", self._factor)

    def _factor(self, matrix: Tensor) -> tuple[Tensor, ...]:
        wide = matrix.double()
        penalty = self.penalty * wide.diagonal(dim1=-2, dim2=-1).mean(-1)
        penalty = penalty.clamp_min(torch.finfo(matrix.dtype).tiny)
        eye = torch.eye(matrix.shape[-1], dtype=wide.dtype, device=wide.device)
        shifted = wide + penalty[..., None, None] * eye
        inverse = torch.cholesky_inverse(cholesky(shifted)[0]).to(matrix.dtype)
        penalty = penalty.to(matrix.dtype)
        scaled = self.relaxation * penalty[..., None, None] * inverse
        return inverse, scaled, penalty if matrix.dim() == 2 else penalty.unsqueeze(-1)


def _quadratic(objective: Objective) -> Quadratic:
    if objective.quadratic is None:
        raise TypeError("`admm` was planned for an energy that is no quadratic")
    return objective.quadratic


def _times(matrix: Tensor, z: Tensor) -> Tensor:
    if matrix.dim() == 2:
        return z @ matrix
    return torch.bmm(matrix, z.unsqueeze(-1)).squeeze(-1)
