"""What a strategy may ask about the program that it writes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, final

from ebmdsl._record import record

if TYPE_CHECKING:
    from ebmdsl.concepts.shape import Shape


@final
@record
class Fault:
    """What is wrong with an option as it was written: a strange word, or a wrong value."""

    text: str
    reason: str = ""
    remedy: str = ""
    what: str = ""
    known: tuple[str, ...] = ()


class Program(Protocol):
    """What a strategy may ask about the program that it writes out."""

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of the observed variables."""
        ...

    @property
    def given(self) -> tuple[str, ...]:
        """Names of the variables that are conditioned on."""
        ...

    @property
    def losses(self) -> tuple[str, ...]:
        """Names of the terms that are added to what a strategy minimizes."""
        ...

    @property
    def generators(self) -> tuple[str, ...]:
        """Names of the generator nodes."""
        ...

    def domain(self, name: str) -> str:
        """Return the domain of a variable, such as `real` or `binary`."""
        ...

    def alphabet(self, name: str) -> int:
        """Return how many signs the entries of a variable are chosen from; 0 for no tokens."""
        ...

    def shape(self, name: str) -> Shape:
        """Return the shape of one sample of a variable."""
        ...

    def source(self, name: str) -> str:
        """Return where the values of a variable come from, as it was written, or nothing."""
        ...

    def plate(self, name: str) -> str:
        """Return the plate of a variable as it was written, `[t in 1..64]`, or nothing."""
        ...

    def learned(self, name: str) -> tuple[str, ...]:
        """Name the parameters that a node depends on."""
        ...

    def fresh(self, name: str) -> str:
        """Return a name like this one that the program does not use."""
        ...

    def fed(self, name: str, text: str, *, drawn: str = "") -> tuple[str, ...]:
        """Rewrite what encoders and predictors see: `text` in the place of a variable.

        Where the variable has an index, so have its names in the text, and what is `drawn`.
        """
        ...

    def costs(self) -> tuple[tuple[str, str, str], ...]:
        """List the costs: name, index (empty without a plate) and expression."""
        ...
