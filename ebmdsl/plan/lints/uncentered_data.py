"""`uncentered-data`: principal directions of data whose mean is not zero."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.expr.build import addends
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.plan.lints.reach import distance, parts
from ebmdsl.source.diagnostic import Label, Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Declared
    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("uncentered-data")
class UncenteredData(Mistake):
    """A plane through the origin is fitted to data that lie on one side of it.

    The first direction is then that of the mean.

    ```ebm
    model fails(k = 16)
    data digs = digits()
    observed y : real[64] from digs.image
    latent z : real[k]
    param W : real[64, k] with orthonormal
    cost recon = sq(y - W @ z)
    infer z by minimize
    train by energy
    ```

    Learn the mean as well, or remove it from the data.

    ```ebm
    model works(k = 16)
    data digs = digits()
    observed y : real[64] from digs.image
    latent z : real[k]
    param W : real[64, k] with orthonormal
    param mu : real[64]
    cost recon = sq(y - mu - W @ z)
    infer z by minimize
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    observed: str
    param: str
    place: Span | None = None

    def message(self) -> str:
        """Say what is on one side."""
        return (
            f"`{self.observed}` is never negative, and `{self.param}` spans a plane through 0"
        )

    def text(self) -> str:
        """Say what is missing."""
        return "its mean is not removed"

    def labels(self) -> tuple[Label, ...]:
        """Show the term."""
        return () if self.place is None else (Label(self.place, "no mean here"),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return f"add a mean, as `sq({self.observed} - mu - …)`, or remove it from the data"


def uncentered_data(subject: Subject) -> Iterator[Mistake]:
    """Report orthonormal matrices that are to span what lies on one side of the origin."""
    for y in subject.model.with_role("observed"):
        aside = y.quantity.domain.name == "real" and _least(subject, y) >= 0
        terms = addends(subject.energy) if aside else ()
        planes = ((term, _plane(subject, term, y=y)) for term in terms)
        term, name = next(((t, n) for t, n in planes if n), (subject.energy, ""))
        if name:
            yield UncenteredData(y.span, y.name, name, subject.place(term))


def _least(subject: Subject, y: Declared) -> float:
    """Return the least value that the data of a variable can have."""
    name, field = y.source or ("", "")
    fields = [each for data in subject.model.data if data.name == name for each in data.fields]
    return next((each.low for each in fields if each.name == field), -inf)


def _plane(subject: Subject, term: Node, *, y: Declared) -> str:
    """Name the orthonormal matrix whose columns are all that is compared with y."""
    inside = distance(term)
    if inside is None:
        return ""
    moving, still = parts(inside, y.name)
    bare = [part for part in moving if not _plain(part, y)]
    names = [name for part in (*bare, *still) if (name := _span(subject, part))]
    return names[0] if len(names) == len(bare) + len(still) == 1 else ""


def _plain(part: Node, y: Declared) -> bool:
    return part.names == frozenset({y.name}) and all(n.op is not Op.CALL for n in walk(part))


def _span(subject: Subject, part: Node) -> str:
    product = next((node for node in walk(part) if node.op is Op.MATMUL), None)
    if product is None or product.args[0].op is not Op.VARIABLE:
        return ""
    declared = subject.model.find(product.args[0].data.name)
    words = {each.word for each in declared.constraints} if declared is not None else set[str]()
    narrow = (
        len(product.args[0].shape) == 2 and product.args[0].shape[0] > product.args[0].shape[1]
    )
    return product.args[0].data.name if "orthonormal" in words and narrow else ""
