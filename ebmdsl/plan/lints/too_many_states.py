"""`too-many-states`: a search through more states than there is time for."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, final

from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.plan.lints.subject import Subject

MOST = 2**20


@final
@mistake("too-many-states")
class TooManyStates(Mistake):
    """An exhaustive search tries every joint state, and there are more than 2^20.

    ```ebm
    model fails
    observed y : real[64]
    latent z : binary[64]
    param W : real[64, 64]
    cost recon = sq(y - W @ z)
    infer z by minimize with exhaustive
    train by energy
    ```

    Take a smaller latent, or leave the choice of a method to the planner.

    ```ebm
    model works
    observed y : real[64]
    latent z : onehot[64]
    param W : real[64, 64]
    cost recon = sq(y - W @ z)
    infer z by minimize with exhaustive
    train by energy
    ```
    """

    names: tuple[str, ...]
    states: int
    places: tuple[Span, ...] = ()

    def message(self) -> str:
        """Say how many there are."""
        listed = ", ".join(f"`{name}`" for name in self.names)
        return f"{listed} has {counted(self.states)} states, too many to try one by one"

    def labels(self) -> tuple[Label, ...]:
        """Show the latents."""
        return tuple(Label(place, "this has too many states") for place in self.places)

    def help(self) -> str:
        """Give the one-line remedy."""
        return "exhaustive search takes up to 2^20 states: leave `with exhaustive` out"


def too_many_states(subject: Subject) -> Iterator[Mistake]:
    """Report exhaustive searches that would not end."""
    for infer in subject.model.infers:
        if infer.solver is None or infer.solver.word != "exhaustive":
            continue
        found = [each for each in map(subject.model.find, infer.names) if each is not None]
        counts = [each.quantity.domain.states(each.whole) for each in found]
        known = [count for count in counts if count is not None]
        if len(known) == len(counts) and prod(known) > MOST:
            places = tuple(each.span for each in found)
            yield TooManyStates(infer.method, infer.names, prod(known), places)


def counted(states: int) -> str:
    """Write a count of states as one says it."""
    return str(states) if states < _MANY else f"about 10^{len(str(states)) - 1}"


_MANY = 10**9
