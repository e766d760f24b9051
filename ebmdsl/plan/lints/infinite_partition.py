"""`infinite-partition`: a likelihood of an energy that has none."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, final

from ebmdsl.concepts.facts import Block
from ebmdsl.concepts.shape import size
from ebmdsl.expand.mistakes import UnsuitableStrategy
from ebmdsl.expr.build import addends, coefficient
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.expr.prove import prove
from ebmdsl.plan.lints.reach import ends_open
from ebmdsl.plan.lints.subject import core, free
from ebmdsl.plan.lints.too_many_states import MOST, counted
from ebmdsl.plan.written import method_of
from ebmdsl.source.diagnostic import Label
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ebmdsl.check.model import Declared, Train
    from ebmdsl.plan.lints.subject import Subject

QUADRATURE = 3


@final
@mistake("infinite-partition")
class InfinitePartition(Mistake):
    r"""A likelihood needs the integral of exp(-F), and nothing makes it finite.

    Where the energy does not rise far away from the data, there is infinitely much of low
    energy.

    ```ebm
    model fails
    observed y : real[2]
    net f = linear(64) |> tanh |> linear(1)
    cost height = f(y)
    train by max_likelihood
    ```

    Confine the variable with a term that grows in every direction.

    ```ebm
    model works
    observed y : real[2]
    net f = linear(64) |> tanh |> linear(1)
    cost height = f(y)
    cost wall = sq(y) / 2
    train by max_likelihood
    ```
    """

    observed: str
    place: Span | None = None

    def message(self) -> str:
        """Say what is infinite."""
        return f"the partition function is infinite: nothing confines `{self.observed}`"

    def labels(self) -> tuple[Label, ...]:
        """Show the term that does not grow."""
        seen = f"this does not grow with `{self.observed}` in every direction"
        return () if self.place is None else (Label(self.place, seen),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return f"add a term that grows, for example `cost wall = sq({self.observed}) / 2`"


def infinite_partition(subject: Subject) -> Iterator[Mistake]:
    """Report a likelihood whose Z is infinite, or exact only in name."""
    (y,) = subject.model.with_role("observed") if len(subject.observed) == 1 else (None,)
    for train in subject.model.trains:
        exact = train.objective is not None and "logZ" in train.objective.names
        if y is None or not exact:
            continue
        at = method_of(subject.model, train)
        culprit = _unconfined(subject, y)
        if culprit is not None:
            yield InfinitePartition(at, y.name, subject.place(culprit))
        elif (reason := _intractable(subject, y)) is not None:
            yield UnsuitableStrategy(at, _word(subject, train), reason, REMEDY)


REMEDY = "name a sampler, as `max_likelihood(negatives = hmc)`, or take another strategy"


def _word(subject: Subject, train: Train) -> str:
    written = (each for each in subject.written.trains if each.span == train.span)
    strategy = next((each.strategy for each in written), None)
    return strategy.word if strategy is not None else "logZ"


def _unconfined(subject: Subject, y: Declared) -> Node | None:
    """Return the first term with y where none of them makes far away unlikely."""
    quantity = y.quantity
    if quantity.domain.name != "real" or (quantity.low, quantity.high) != (-inf, inf):
        return None
    terms = [each for each in addends(subject.energy) if y.name in each.names]
    if not terms or any(each.names & subject.latents for each in addends(subject.energy)):
        return None
    rest = [each for each in terms if not _is_flat(subject, each, y=y)]
    return terms[0] if not rest or _miss(rest, y) else None


def _is_flat(subject: Subject, term: Node, *, y: Declared) -> bool:
    """Tell whether a term is bounded above, linear, or a net that may turn its sign."""
    facts, base = prove(term, frozenset({y.name})), core(term)
    if facts.affine or facts.high < inf or _is_bounded(term, y):
        return True
    if base.op is not Op.APPLY or not ends_open(base.data):
        return False
    alone = sum(1 for node in walk(subject.energy) if node.op is Op.APPLY and node is base)
    return alone == 1 and base.data.name in free(subject)


def _is_bounded(term: Node, y: Declared) -> bool:
    """Tell whether a term is a number times the sum of what is bounded."""
    base = core(term)
    if base.op is not Op.CALL or base.data.word not in ("sum", "mean"):
        return False
    facts = prove(base.args[0], frozenset({y.name}))
    return (facts.high if coefficient(term)[0] > 0 else -facts.low) < inf


def _miss(terms: Sequence[Node], y: Declared) -> bool:
    """Tell whether terms see y through fewer numbers than it has: some direction is free."""
    uses = {n for term in terms for n in walk(term) if any(_is_y(arg, y) for arg in n.args)}
    linear = all(
        (node.op is Op.MATMUL and _is_y(node.args[1], y))
        or (node.op is Op.INDEX and len(node.args) == 1)
        for node in uses
    )
    return linear and 0 < sum(size(node.shape) for node in uses) < size(y.whole)


def _is_y(node: Node, y: Declared) -> bool:
    return node.op is Op.VARIABLE and node.data.name == y.name


def _intractable(subject: Subject, y: Declared) -> str | None:
    """Return why no exact sum and no quadrature gives Z."""
    plated = y.plates or any(each.plates for each in subject.model.with_role("latent"))
    if plated or any(node.op is Op.GRADIENT for node in walk(subject.energy)):
        return None
    states = y.quantity.domain.states(y.whole)
    if states is None:
        return _integral(subject, y)
    return _sum(subject, y, states=states)


def _integral(subject: Subject, y: Declared) -> str | None:
    """Refuse a net of more dimensions than a grid can hold."""
    nets = [node for node in walk(subject.energy) if node.op is Op.APPLY]
    bent = [n for n in nets if not prove(n, frozenset({y.name})).affine]
    known = {"det", "logdet"} & {n.data.word for n in _calls(subject.energy)}
    if not bent or known or y.quantity.domain.name != "real" or size(y.whole) <= QUADRATURE:
        return None
    return f"Z is an integral over {size(y.whole)} dimensions, and quadrature takes 3"


def _calls(node: Node) -> Iterator[Node]:
    return (each for each in walk(node) if each.op is Op.CALL)


def _sum(subject: Subject, y: Declared, *, states: int) -> str | None:
    """Refuse a sum over too many states, on the side of y and on that of the latents."""
    if states <= MOST:
        return None
    energy, latents = subject.energy, subject.model.with_role("latent")
    counts = [each.quantity.domain.states(each.whole) for each in latents]
    given = prove(energy, frozenset({y.name}))
    apart = given.affine or given.block <= Block.SEPARABLE
    few = 1
    for count in counts:
        few *= MOST + 1 if count is None else count
    if apart and few <= MOST:
        return None
    other = f", and the latents have {counted(few)}" if latents else ""
    return f"Z is a sum over {counted(states)} states of `{y.name}`{other}"
