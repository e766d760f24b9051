"""What a problem is made of: its non-smooth terms, and its latents with their sets."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Literal, final

from ebmdsl._record import record
from ebmdsl.concepts.abilities import Projectable
from ebmdsl.concepts.domain import DISCRETE

if TYPE_CHECKING:
    from ebmdsl.concepts.kinds import Constraint
    from ebmdsl.source.text import Span


@final
@record
class Rough:
    """A non-smooth term: how it is written, its prox (a Function's word) and its place.

    `obstacle` is empty when the prox of the term is known, else why it is not; `over` are
    the latents it is about, all of them where empty. `acts` on every entry by itself, on
    groups of entries through their absolute values, or on all of them.
    """

    text: str
    word: str
    span: Span | None = None
    obstacle: str = ""
    gauge: bool = False
    over: tuple[str, ...] = ()
    acts: Literal["entries", "groups", "whole"] = "entries"
    convex: bool = True

    def meets(self, other: Rough) -> bool:
        """Tell whether two terms are about a common latent."""
        return not self.over or not other.over or bool({*self.over} & {*other.over})

    def joins(self, other: Rough) -> bool:
        """Tell whether the prox of both is one after the other: that of entries first."""
        return self.convex and other.convex and {self.acts, other.acts} == {"entries", "groups"}


Kind = Literal["free", "orthant", "box", "convex", "other", "discrete"]


@final
@record
class Part:
    """A latent in the vector of a sample: how many entries it has, and the set it is in.

    `text` is the set as a sentence names it and `kind` what is known of it: no limit, the
    orthant, an interval for each entry, a convex set, one that is not, or few values. `low`
    and `high` come from the domain, `constraints` beyond it are projected onto in their
    order. `obstacle` is why no projection is known.
    """

    name: str
    size: int
    text: str = "real"
    kind: Kind = "free"
    low: float = -inf
    high: float = inf
    constraints: tuple[Constraint, ...] = ()
    obstacle: str = ""

    def admits(self, term: Rough) -> bool:
        """Tell whether the prox of a term and the projection onto the set combine."""
        if term.over and self.name not in term.over:
            return True
        follows = all(isinstance(c, Projectable) and c.follows for c in self.constraints)
        match term.acts:
            case "entries":
                boxed = self.kind in ("free", "orthant", "box", "discrete")
                return boxed or (follows and bool(self.constraints))
            case "groups":
                return self.kind in ("free", "orthant", "discrete")
            case "whole":
                return self.kind in ("free", "discrete")


KINDS: dict[str, Kind] = {
    "real": "free",
    "nonneg": "orthant",
    "positive": "box",
    "simplex": "convex",
    "sphere": "other",
    **dict.fromkeys(DISCRETE, "discrete"),
}
