"""`unbounded-gain`: a penalty on the size of a code whose decoder may grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.facts import Smoothness
from ebmdsl.concepts.shape import size
from ebmdsl.expr.build import addends
from ebmdsl.expr.node import Op, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula
from ebmdsl.plan.lints.scaling import Moves, Search
from ebmdsl.plan.lints.subject import core, declaration, free, lowered
from ebmdsl.source.diagnostic import Fix, Label, Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span
from ebmdsl.syntax import ast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ebmdsl.expr.node import Node
    from ebmdsl.plan.lints.subject import Subject

POWERS = (0.0, 1.0, 2.0)


@final
@mistake("unbounded-gain")
class UnboundedGain(Mistake):
    """A penalty on the size of a code means nothing while its decoder may grow.

    With W twice as large, z may be half as large: the reconstruction is the same, and the
    penalty is half. Training finds this out, and in the end nothing limits the code.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8]
    cost recon = sq(y - W @ z)
    regularizer sparse = l1(z)
    infer z by minimize
    train by energy
    ```

    Bound the decoder: by a constraint, or by a cost for its size.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8] with unit_columns
    cost recon = sq(y - W @ z)
    regularizer sparse = l1(z)
    infer z by minimize
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    param: str
    penalty: str
    place: Span | None = None
    constraint: str = ""
    mended: Fix | None = None

    def message(self) -> str:
        """Say what can happen."""
        return f"`{self.penalty}` can be driven to zero by growing `{self.param}`"

    def text(self) -> str:
        """Say what is missing."""
        return "nothing bounds its gain"

    def labels(self) -> tuple[Label, ...]:
        """Show the penalty."""
        return () if self.place is None else (Label(self.place, "this penalty shrinks"),)

    def help(self) -> str:
        """Give the one-line remedy."""
        if self.constraint:
            return f"bound `{self.param}`: add `with {self.constraint}` to its declaration"
        return f"give the size of `{self.param}` a cost, as `regularizer decay = …`"

    def fix(self) -> Fix | None:
        """Add the constraint."""
        return self.mended


def unbounded_gain(subject: Subject) -> Iterator[Mistake]:
    """Report what can grow while a penalty shrinks and everything else stays."""
    pushed = lowered(subject)
    loose = free(subject)
    if pushed is None or not loose:
        return
    search = Search(loose | _scalable(subject))
    for penalty in _penalties(subject, pushed):
        grown = _growing(search, penalty, pushed=pushed, params=loose)
        while grown:
            yield from (_mistake(subject, name, penalty=penalty) for name in grown)
            loose -= {*grown}
            search.loose -= {*grown}
            grown = _growing(search, penalty, pushed=pushed, params=loose)


def _penalties(subject: Subject, pushed: Sequence[Node]) -> Iterator[Node]:
    """List what is there to keep a code small: sizes of latents, regularized encodings."""
    latents, sure = _scalable(subject), _finite(subject)
    kept = (term for term in subject.model.terms if term.kind == "regularizer")
    regular = {core(addend) for term in kept for addend in addends(term.node)}
    observed, moved = subject.observed, subject.moved
    for addend in pushed:
        seen = addend.names & observed
        own = not seen and addend.names & latents
        code = seen and addend.names & moved and core(addend) in regular
        if (own or code) and not addend.names & sure and _matters(subject, addend):
            yield addend


def _scalable(subject: Subject) -> frozenset[str]:
    """Name the latents that are minimized over and may have any size."""
    model = subject.model
    names = {n for e in model.infers for n in e.names if e.ring == "minimize"}
    found = (each for each in model.with_role("latent") if each.name in names)
    return frozenset(
        each.name
        for each in found
        if each.quantity.domain.name in ("real", "nonneg") and not each.constraints
    )


def _matters(subject: Subject, penalty: Node) -> bool:
    """Tell whether a penalty is all that limits a code: it is sparse, or the code is wide."""
    facts = prove(penalty, penalty.names)
    coded = any(node.op is Op.STOP for node in walk(penalty)) or penalty.names & _finite(
        subject
    )
    if not facts.nonneg or facts.constant or coded:
        return False
    if facts.smoothness is Smoothness.C0:
        return True
    seen = sum(size(each.whole) for each in subject.model.with_role("observed"))
    widest = (size(each.shape) for each in walk(penalty) if each.per_sample)
    return max(widest, default=0) >= seen


def _finite(subject: Subject) -> frozenset[str]:
    """Name the latents that take finitely many values: they limit the code themselves."""
    found = subject.model.with_role("latent")
    return frozenset(each.name for each in found if each.quantity.domain.discrete)


def _growing(
    search: Search, penalty: Node, *, pushed: Sequence[Node], params: frozenset[str]
) -> tuple[str, ...]:
    """Name the parameters that can grow for the penalty to shrink, if any."""
    if search.left < 0:
        return ()
    others = [each for each in pushed if each is not penalty and not _sinks(each, params)]
    terms = [(each, POWERS if _is_nonneg(each) else POWERS[:1]) for each in others]
    starts = (s for power in POWERS[1:] for s in search.fits(penalty, power, moves={}))
    ways = (moves for start in starts for moves in search.settle(terms, moves=start))
    return next(filter(None, (_grown(moves, loose=params) for moves in ways)), ())


def _is_nonneg(term: Node) -> bool:
    return prove(term, term.names).nonneg


def _sinks(addend: Node, loose: frozenset[str]) -> bool:
    """Tell whether a term of parameters alone has no least value: growing is free."""
    return addend.names <= loose and not prove(addend, addend.names).low > float("-inf")


def _grown(moves: Moves, *, loose: frozenset[str]) -> tuple[str, ...]:
    grown: dict[str, None] = {}
    for (key, side), power in moves.items():
        name = key.partition("(")[0]
        if name in loose and (power > 0 if side == "in" else power < 0):
            grown[name] = None
    return tuple(grown)


def _mistake(subject: Subject, name: str, *, penalty: Node) -> UnboundedGain:
    net, declared = subject.net(name), subject.model.find(name)
    held = net or declared
    assert held is not None
    word = _constraint(subject, name)
    return UnboundedGain(
        held.span,
        name,
        formula(penalty),
        subject.place(penalty),
        word,
        _fix(subject, name, word=word),
    )


def _constraint(subject: Subject, name: str) -> str:
    """Return the constraint that bounds what multiplies a code, if there is one."""
    net, declared = subject.net(name), subject.model.find(name)
    shapes = [shape for _, shape in net.weights] if net is not None else []
    shapes += [declared.shape] if declared is not None else []
    ranks = {len(shape) for shape in shapes if len(shape) > 1}
    return "" if len(ranks) != 1 else "unit_kernels" if max(ranks) > _MATRIX else "unit_columns"


_MATRIX = 2


def _fix(subject: Subject, name: str, *, word: str) -> Fix | None:
    """Write the constraint behind the declaration; of several layers a person must judge."""
    statement, net = declaration(subject.model, name), subject.net(name)
    if statement is None or not word or statement.with_:
        return None
    many = net is not None and sum(len(shape) > 1 for _, shape in net.weights) > 1
    last = statement.type if isinstance(statement, ast.Variable) else statement.expr
    return Fix(last.span, f"{last.span.text} with {word}", safe=not many)
