"""Which entries of discrete latents meet in an energy, and what it takes to remove them."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from ebmdsl._record import record
from ebmdsl.concepts.problem import Accept, Refuse

if TYPE_CHECKING:
    from ebmdsl.concepts.problem import Problem, Verdict

MOST_ENTRIES = 2**26


@final
@record
class Interactions:
    """The interaction graph of discrete entries, with an order in which to remove them.

    Entries are numbered as they lie in the latent vector and have `counts` values each;
    `cliques` are the sets of entries that meet. Removing them in this `order` takes one table
    each; `sizes` holds their numbers of entries. `paths` is filled where the graph is a set
    of paths of one length over entries with equally many values. `worst` describes the
    entries that the largest table is about; an `order` that ends early was given up there.
    """

    counts: tuple[int, ...]
    cliques: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]
    sizes: tuple[int, ...]
    paths: tuple[tuple[int, ...], ...] = ()
    width: int = 0
    worst: str = ""
    evaluations: int = 1

    @property
    def largest(self) -> int:
        """Return the number of entries of the largest table."""
        return max(self.sizes, default=1)

    @property
    def possible(self) -> bool:
        """Tell whether every table can be held."""
        return self.largest <= MOST_ENTRIES and len(self.order) == len(self.counts)

    @property
    def work(self) -> int:
        """Return how many numbers the tables have together."""
        return sum(self.sizes)


def verdict(problem: Problem) -> Verdict:
    """Say at what cost elimination takes a problem, or why its tables are too large."""
    graph = problem.interactions
    if problem.states is None:
        return Refuse(f"{problem.name} can take infinitely many values")
    if graph is None:
        return Refuse(f"which entries of {problem.name} meet cannot be read off the energy")
    if not graph.possible:
        size = power_of_two(graph.largest)
        return Refuse(
            f"{graph.worst} meet at once: a table of {size} numbers, "
            f"{bytes_of(graph.largest)} for one sample"
        )
    return Accept(
        cost=float(graph.work) + graph.evaluations * problem.evaluation + 1,
        reason=f"its entries meet few at a time: no table is over more than {graph.width + 1}, "
        f"the largest has {graph.largest} numbers",
        certificate="exact",
    )


def power_of_two(number: int) -> str:
    """Write a count so that it can be read: as it is, or as a power of two.

    >>> power_of_two(4096), power_of_two(3 ** 50)
    ('4096', 'about 2^79')
    """
    exact = number & (number - 1) == 0
    head = "" if exact else "about "
    return str(number) if number <= _SHORT else f"{head}2^{number.bit_length() - 1}"


def bytes_of(entries: int) -> str:
    """Write how much memory that many numbers of 4 bytes take.

    >>> bytes_of(2 ** 60), bytes_of(1000)
    ('4 EiB', '3.91 KiB')
    """
    size, unit = float(4 * entries), 0
    while size >= _STEP and unit < len(_UNITS) - 1:
        size, unit = size / _STEP, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"


_SHORT = 10**6
_STEP = 1024
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
