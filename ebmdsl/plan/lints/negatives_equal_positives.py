"""`negatives-equal-positives`: contrastive points that are the samples themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.shape import size
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.plan.lints.subject import core
from ebmdsl.plan.written import method_of
from ebmdsl.source.diagnostic import Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Declared, Train
    from ebmdsl.plan.lints.subject import Subject
    from ebmdsl.source.text import Span


@final
@mistake("negatives-equal-positives")
class NegativesEqualPositives(Mistake):
    """The energy is pushed up where it is pushed down, so nothing is learned.

    A chain of no steps stays at the sample that it starts from.

    ```ebm
    model fails
    observed y : binary[8]
    param b : real[8]
    cost e = -dot(b, y)
    train by contrastive_divergence(steps = 0)
    ```

    Let the chain move.

    ```ebm
    model works
    observed y : binary[8]
    param b : real[8]
    cost e = -dot(b, y)
    train by contrastive_divergence(steps = 1)
    ```
    """

    severity: ClassVar[Severity] = "warning"

    reason: str
    remedy: str

    def message(self) -> str:
        """Say why nothing is learned."""
        return self.reason

    def help(self) -> str:
        """Give the one-line remedy."""
        return self.remedy


def negatives_equal_positives(subject: Subject) -> Iterator[Mistake]:
    """Report contrastive points that cannot differ from the samples."""
    for train in subject.written.trains:
        steps = str(getattr(train.strategy, "steps", ""))
        if steps.strip() == "0":
            yield _still(method_of(subject.written, train))
    for each in subject.written.with_role("negative"):
        if _stays(subject, each):
            yield _still(_source(subject, each))
    for train in subject.written.trains:
        yield from _of_constant(subject, train)


def _still(span: Span) -> NegativesEqualPositives:
    reason = "the contrastive points are the samples: the chain takes no step"
    return NegativesEqualPositives(span, reason, "let it take one step or more: `steps = 1`")


def _stays(subject: Subject, negative: Declared) -> bool:
    """Tell whether a point is an observed variable, or where a chain of no steps ends."""
    drawn = negative.drawn
    if drawn is None or drawn.start is None:
        return False
    own = drawn.start.op is Op.VARIABLE and drawn.start.data.name in subject.observed
    steps: object = getattr(drawn.sampler, "steps", dict(drawn.options).get("steps"))
    return own and (not drawn.word or steps == 0)


def _source(subject: Subject, negative: Declared) -> Span:
    statements = (s for s in subject.written.file.statements if isinstance(s, ast.Negative))
    found = (s.expr.span for s in statements if s.name.text == negative.name)
    return next(found, negative.span)


def _of_constant(subject: Subject, train: Train) -> Iterator[Mistake]:
    """Report a noise contrast whose estimate of log Z starts at zero."""
    loss = train.objective
    if loss is None or not any(node.op is Op.NLL for node in walk(loss)):
        return
    for each in subject.model.with_role("param"):
        own = each.name in loss.names and each.name not in subject.energy.names
        if own and size(each.whole) == 1 and _is_zero(each) and _is_shift(loss, each.name):
            reason = (
                f"the estimate `{each.name}` of log Z starts at 0: nothing can be told apart"
            )
            remedy = f"start it where it belongs: `param {each.name} : real init logZ`"
            yield NegativesEqualPositives(each.span, reason, remedy)


def _is_zero(declared: Declared) -> bool:
    init = declared.init
    return init is None or (init.word == "constant" and init.options == (0,))


def _is_shift(loss: Node, name: str) -> bool:
    """Tell whether a parameter is an addend beside the energy."""
    sums = (node for node in walk(loss) if node.op is Op.ADD)
    return any(name in _terms(node) and {"F"} & node.names for node in sums)


def _terms(node: Node) -> frozenset[str]:
    bases = (core(arg) for arg in node.args)
    return frozenset(base.data.name for base in bases if base.op is Op.VARIABLE)
