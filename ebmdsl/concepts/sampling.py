"""What samplers share: chains, the noise of a step, entries of few values, refusals."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any, NamedTuple, final

from ebmdsl._record import record
from ebmdsl._torch import torch
from ebmdsl.concepts.facts import Smoothness
from ebmdsl.concepts.problem import Refuse

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.domain import Domain
    from ebmdsl.concepts.kinds import Sampler
    from ebmdsl.concepts.problem import Objective, Problem
    from ebmdsl.concepts.shape import Shape


@final
class Noise(NamedTuple):
    """The random numbers of one step: standard normal ones [n, a], uniform ones [n, b]."""

    normal: Tensor
    uniform: Tensor


@final
@record
class Draws:
    """How many random numbers of each kind one step takes for each chain."""

    normal: int = 0
    uniform: int = 0

    def noise(self, like: Tensor, rng: Any) -> Noise:
        """Draw the noise of one step of the chains `like`, [n, d], from a torch generator."""
        n, kind, place = like.shape[0], like.dtype, rng.device
        normal = torch.randn(n, self.normal, generator=rng, dtype=kind, device=place)
        uniform = torch.rand(n, self.uniform, generator=rng, dtype=kind, device=place)
        return Noise(normal.to(like.device), uniform.to(like.device))


@final
class Chain(NamedTuple):
    """Where n chains are, [n, d], with the energy there and how the last step went.

    `accepted` is the probability with which each chain took its last step, [n]: 1 where
    nothing is ever refused. `slope` is the gradient at z, for the samplers that need it.
    `tuning` is what a sampler has learned about its own steps, [n, k].
    """

    z: Tensor
    energy: Tensor
    accepted: Tensor
    slope: Tensor
    tuning: Tensor


@final
@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """An entry that takes few values: its first column in z, and the values, [k, width]."""

    first: int
    values: Tensor

    @property
    def columns(self) -> slice:
        """Return the columns of z that the entry takes up."""
        return slice(self.first, self.first + self.values.shape[1])

    def index(self, z: Tensor) -> Tensor:
        """Return the number of the value that each chain has, [n]."""
        own = z[:, self.columns].unsqueeze(1) == self.values.to(z)
        return own.all(-1).to(z.dtype).argmax(-1)

    def put(self, z: Tensor, index: Tensor) -> Tensor:
        """Return the chains with the entry at the values of these numbers, [n, d]."""
        moved = z.clone()
        moved[:, self.columns] = self.values.to(z)[index]
        return moved


def sites_of(domain: Domain, shape: Shape, *, first: int = 0) -> tuple[Site, ...]:
    """List the entries of a variable that starts at a column; none where there is a continuum.

    >>> from ebmdsl.concepts.domain import Domain
    >>> [site.columns for site in sites_of(Domain("onehot"), (2, 3))]
    [slice(0, 3, None), slice(3, 6, None)]
    """
    match domain.name:
        case "binary":
            values = torch.tensor([[0.0], [1.0]])
        case "spin":
            values = torch.tensor([[-1.0], [1.0]])
        case "token":
            values = torch.arange(domain.size).unsqueeze(1)
        case "onehot":
            values = torch.eye(shape[-1])
        case _:
            return ()
    width, count = values.shape[1], 1
    for size in shape:
        count *= size
    return tuple(Site(first + at, values) for at in range(0, count, width))


class Adaptive(ABC):
    """A sampler whose options the planner chooses by the problem, where the file is silent."""

    __slots__ = ()

    @abstractmethod
    def planned(self, problem: Problem) -> Sampler:
        """Return the sampler with options that suit the problem."""


class Blind(ABC):
    """A sampler whose steps do not look at the energy: it is NaN until the walk is over."""

    __slots__ = ()


REACH = 0.2
"""How little one refusal shortens a step; 0.05 makes the mean of the rates 30% too short."""


@final
@record
class Pace:
    """How each chain finds the length of its own steps: by dual averaging while it is warm.

    The search starts at `first` and wants the share `accept` of steps to be accepted; after
    `warm` steps the length is frozen at its mean. Without `accept` it is `first` throughout.

    References: Hoffman & Gelman 2014, arXiv:1111.4246
    """

    first: float
    accept: float | None
    warm: int

    def begin(self, z: Tensor) -> Tensor:
        """Return what the chains z, [n, d], know at first, [n, 4]."""
        first = log(self.first)
        return z.new_tensor([first, first, 0.0, 0.0]).expand(z.shape[0], 4)

    def length(self, tuning: Tensor) -> Tensor:
        """Return the length of a step for each chain, [n, 1]."""
        now, mean, _, count = tuning.unsqueeze(-1).unbind(-2)
        return torch.where(count < self.warm, now, mean).exp()

    def after(self, chain: Chain) -> Tensor:
        """Return what is known after a step: shorter for a chain that was refused too often."""
        if self.accept is None:
            return chain.tuning
        _, mean, short, count = chain.tuning.unsqueeze(-1).unbind(-2)
        count = count + 1
        missed = self.accept - chain.accepted.unsqueeze(-1)
        short = short + (missed - short) / (count + 10)
        now = log(10 * self.first) - count.sqrt() / REACH * short
        mean = mean + count**-0.75 * (now - mean)
        tuned = torch.cat([now, mean, short, count], -1)
        return torch.where(count > self.warm, chain.tuning, tuned)


def energy_of(objective: Objective, z: Tensor) -> Tensor:
    """Return the whole energy at z, [n]."""
    value = objective.smooth(z)
    return value + objective.rough(z) if objective.is_rough else value


def begin(objective: Objective, z: Tensor, *, slope: bool = False) -> Chain:
    """Start chains at z, with the gradient there where it is asked for."""
    energy, nothing = energy_of(objective, z), z.new_zeros(z.shape[0], 0)
    found = objective.gradient(z) if slope else nothing
    return Chain(z, energy, torch.ones_like(energy), found, nothing)


def outside(objective: Objective, z: Tensor) -> Tensor:
    """Tell which entries are outside of the domain, [n, d]."""
    return objective.clip(z) != z


def folded(objective: Objective, z: Tensor) -> Tensor:
    """Return z with the entries outside of the domain reflected at its wall."""
    wall = objective.clip(z)
    return torch.where(wall == z, z, objective.clip(2 * wall - z))


def chosen(chain: Chain, proposal: Chain, *, gain: Tensor, uniform: Tensor) -> Chain:
    r"""Accept each proposal with probability $\min(1, e^{gain})$; [n] each.

    A gain that is not a number is a refusal, so a chain whose energy is none stays.
    """
    share = gain.clamp(max=0).exp().nan_to_num(nan=0.0)
    taken = (uniform < share).unsqueeze(-1)
    return Chain(
        torch.where(taken, proposal.z, chain.z),
        torch.where(taken[:, 0], proposal.energy, chain.energy),
        share,
        torch.where(taken, proposal.slope, chain.slope),
        chain.tuning,
    )


def walk(sampler: Sampler, objective: Objective, *, start: Tensor, rng: Any) -> Chain:
    """Take all steps of a sampler from a start of shape [n, d]; noise comes from `rng`."""
    chain, draws = sampler.start(objective, start), sampler.draws(objective, start.shape[1])
    for _ in range(sampler.steps):
        chain = sampler.step(objective, chain, noise=draws.noise(start, rng))
    return seen(sampler, objective, chain=chain)


def seen(sampler: Sampler, objective: Objective, *, chain: Chain) -> Chain:
    """Return chains with the energy where they are, whether their steps look at it or not."""
    if not isinstance(sampler, Blind):
        return chain
    return chain._replace(energy=energy_of(objective, chain.z))


def renew(sampler: Sampler, objective: Objective, *, chain: Chain) -> Chain:
    """Return chains that go on in an energy that has changed, with what they learned."""
    return sampler.start(objective, chain.z)._replace(tuning=chain.tuning)


def sound(steps: int, **positive: float | None) -> None:
    """Refuse a negative number of steps, and options that are not above zero."""
    if steps < 0:
        raise ValueError(f"`steps` is at least 0, not {steps}")
    for name, value in positive.items():
        if value is not None and not value > 0:
            raise ValueError(f"`{name}` is above zero, not {value:g}")


def share(accept: float | None) -> None:
    """Refuse a share of accepted steps that is none."""
    if accept is not None and not 0 < accept < 1:
        raise ValueError(f"`accept` is between 0 and 1, not {accept:g}")


def refusal_of_walk(problem: Problem, what: str) -> Refuse | None:
    """Say why steps through a continuum are not defined, if so."""
    if problem.discrete:
        return Refuse(f"{problem.name} takes finitely many values; {what} needs a continuum")
    if problem.domain == "mixed":
        return Refuse(f"the parts of {problem.name} differ in kind; {what} needs real ones")
    if problem.domain not in _BOXES:
        return Refuse(f"{what} leaves the set of {problem.name}, which is {problem.domain}")
    return None


def refusal_of_slope(problem: Problem, what: str) -> Refuse | None:
    """Say why steps along a gradient are not defined, if so."""
    refusal = refusal_of_walk(problem, what)
    if refusal is not None:
        return refusal
    if problem.rough:
        term = problem.rough[0]
        return Refuse(f"`{term.text}` has a kink; {what} needs a derivative there", term.span)
    if problem.smooth.smoothness < Smoothness.C1:
        return Refuse(f"the energy has kinks in {problem.name}; {what} needs a derivative")
    return None


_BOXES = ("real", "nonneg", "positive")
