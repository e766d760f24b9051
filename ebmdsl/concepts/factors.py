"""An energy of discrete entries as tables: what elimination works on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, final

from ebmdsl._torch import torch

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.concepts.interactions import Interactions
    from ebmdsl.concepts.problem import Objective


@final
class Group(NamedTuple):
    r"""Terms of one form on few entries each, as tables of their values.

    `scopes` names the entries of every term; `energy` is [n, terms, *values], where n and
    `terms` are 1 if all samples, or all terms, have the same table. It is $\infty$ where
    something cannot be. `weight` is $e^{-E}$ where that is what the model gives: unlike the
    energy it has a derivative at 0.
    """

    scopes: tuple[tuple[int, ...], ...]
    energy: Tensor
    weight: Tensor | None = None

    def table(self, term: int) -> Tensor:
        """Return the energies of one term, [n, *values]."""
        return self.energy[:, term if self.energy.shape[1] > 1 else 0]


class Factors(Protocol):
    """The tables of an objective over discrete entries, and the graph of their scopes."""

    @property
    def graph(self) -> Interactions:
        """Return which entries meet, with an order in which to remove them."""
        ...

    def groups(self) -> tuple[Group, ...]:
        """Return all tables; a scope without entries is a constant."""
        ...


def factors_of(objective: Objective, word: str) -> Factors:
    """Return the tables of an objective, or raise TypeError where there are none."""
    if objective.factors is None:
        raise TypeError(f"`{word}` was planned for a latent that is not discrete")
    return objective.factors


def point_of(objective: Objective, states: Tensor, *, like: Tensor) -> Tensor:
    """Return the latent vectors, [n, d], of states given by number, [n, entries]."""
    parts = [site.values.to(like)[states[:, at]] for at, site in enumerate(objective.sites)]
    return torch.cat(parts, 1)


def mean_of(objective: Objective, shares: tuple[Tensor, ...], *, like: Tensor) -> Tensor:
    """Return the mean vectors, [n, d], of entries with probabilities, [n, values] each."""
    pairs = zip(objective.sites, shares, strict=True)
    return torch.cat([share @ site.values.to(like) for site, share in pairs], 1)
