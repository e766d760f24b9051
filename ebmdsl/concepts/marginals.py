"""How latents are summed or integrated out: what a marginalizer is asked, what it returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, final

from ebmdsl.concepts.base import Concept

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.problem import Objective, Problem, Verdict


@final
class Marginal(NamedTuple):
    r"""What is left when latents are summed out, for n samples.

    `value` is $F = -\tfrac1\beta \log \sum_z e^{-\beta E(z)}$ (or an integral), [n],
    differentiable in the parameters; `mean` is the posterior mean, [n, d]. `error` is the
    standard error of an estimate or the proved error of an approximation, [n]; zero where
    the value is exact.
    """

    value: Tensor
    mean: Tensor
    error: Tensor


@final
class Completions(NamedTuple):
    """A few values of the latents whose weighted mean of E is its posterior mean, exactly.

    `points` are [n, s, d], `weights` [n, s] with sum 1.
    """

    points: Tensor
    weights: Tensor


class Marginalizer(Concept, ABC):
    r"""A way to sum or integrate latents out of a batch of samples at once.

    `accepts` is asked with the temperature's inverse left open: every method takes any
    beta > 0. An `exact` method returns F to rounding; one that `converges` goes on until two
    of its orders agree, and says by how much they differ; a `bound` one returns an upper
    bound; any other one an estimate with its error. One that `draws` also returns exact
    samples of the posterior $p(z) \propto e^{-\beta E(z)}$, and one that `completes` returns
    a few values that stand for it.
    """

    __slots__ = ()
    folder: ClassVar[str] = "marginalizers"
    exact: ClassVar[bool] = True
    converges: ClassVar[bool] = False
    bound: ClassVar[bool] = False
    draws: ClassVar[bool] = False
    completes: ClassVar[bool] = False

    @property
    def trusted(self) -> bool:
        """Whether what it returns is F itself, and neither a bound nor an estimate."""
        return self.exact or self.converges

    @abstractmethod
    def accepts(self, problem: Problem) -> Verdict:
        """Say at what cost, or why not, this method can take the problem."""

    @abstractmethod
    def marginal(
        self, objective: Objective, like: Tensor, *, beta: float, rng: Any
    ) -> Marginal:
        """Sum the latents out; `like` is any [n, d], `rng` serves methods that draw.

        The objective is live: its values and, where it is quadratic, its matrix are
        differentiable in the parameters.
        """

    def draw(self, objective: Objective, like: Tensor, *, beta: float, rng: Any) -> Tensor:
        """Return one exact sample of the posterior for every sample, [n, d]."""
        raise NotImplementedError(f"`{self.word}` does not draw")

    def completions(self, objective: Objective, like: Tensor, *, beta: float) -> Completions:
        """Return values of the latents that stand for their posterior, for learning by EM."""
        raise NotImplementedError(f"`{self.word}` has no completions")
