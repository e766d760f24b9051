"""`admm`: over-relaxed operator splitting with one factorization."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, final

from ebmdsl._torch import torch
from ebmdsl.concepts.base import concept
from ebmdsl.concepts.kinds import Solver
from ebmdsl.concepts.matrices import cholesky
from ebmdsl.concepts.problem import Accept, Budget, Course, Refuse
from ebmdsl.concepts.stepping import refusal_of_proximal

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
class Admm(Solver):
    r"""Douglas–Rachford splitting (ADMM) for a quadratic plus a term with a prox.

    $z = \mathrm{prox}_{g/\rho}(s)$, $x = (Q + \rho I)^{-1}(b + \rho (2z - s))$,
    $s^+ = s + \alpha (x - z)$ with $\alpha = 1.9$. The inverse is computed once for all
    samples and steps, so a step costs one matrix product, as a gradient step does, and
    there are about five times fewer of them.

    References: Eckstein & Bertsekas 1992, doi:10.1007/BF01581204; Boyd et al. 2011,
    doi:10.1561/2200000016
    """

    steps: int = 3000
    tol: float | None = None
    gradient: Literal["constant", "implicit", "unroll", "one_step"] = "constant"

    expected: ClassVar[int] = 40
    relaxation: ClassVar[float] = 1.9
    penalty: ClassVar[float] = 0.7

    @property
    def budget(self) -> Budget:
        return Budget(Course.CERTIFIED, self.steps, self.tol)

    def accepts(self, problem: Problem) -> Verdict:
        refusal = refusal_of_proximal(problem)
        if refusal is not None:
            return refusal
        if not problem.quadratic or not problem.smooth.convex:
            return Refuse(f"the smooth part is not proved a convex quadratic in {problem.name}")
        if not problem.rough and problem.domain == "real":
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

    def _factored(self, quadratic: Quadratic) -> tuple[Tensor, ...]:
        return quadratic.hessian.once("splitting", self._factor)

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
