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

    `scopes` names the entries of every term; `given` is [n, terms, *values], where n and
    `terms` are 1 if all samples, or all terms, have the same table. Where it `weighs`, it is
    $e^{-E}$, which has a derivative also where something cannot be; else the energy E.
    """

    scopes: tuple[tuple[int, ...], ...]
    given: Tensor
    weighs: bool = False

    @property
    def energy(self) -> Tensor:
        """Return the energies, infinite where something cannot be."""
        return surprise(self.given) if self.weighs else self.given

    def tables(self) -> list[Tensor]:
        """Return the energies of every term, [n, *values]."""
        energy = self.energy
        apart = energy.shape[1] > 1
        return [energy[:, at if apart else 0] for at in range(len(self.scopes))]


def surprise(u: Tensor) -> Tensor:
    """Return -log u, infinite at 0; its slope there is taken as 0, and not as infinite."""
    never = u == 0
    logs = torch.where(never, torch.ones_like(u), u).log()
    return torch.where(never, torch.full_like(u, torch.inf), -logs)


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
