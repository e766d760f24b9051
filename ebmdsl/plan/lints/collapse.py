"""`collapse`: the energy can be low everywhere, and nothing says that it must not."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.concepts.problem import Course
from ebmdsl.concepts.shape import size
from ebmdsl.expr.build import addends, coefficient
from ebmdsl.expr.node import Node, Op, is_free_energy, walk
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import formula
from ebmdsl.plan.lints.constant import flattened
from ebmdsl.plan.lints.reach import copies, covers, distance, ends_open, parts
from ebmdsl.plan.lints.subject import core, free, lowered
from ebmdsl.plan.written import method_of
from ebmdsl.source.diagnostic import Label, Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ebmdsl.check.model import Declared, Infer
    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("collapse")
class Collapse(Mistake):
    """The energy can be low everywhere, so it says nothing about the data.

    A latent that can reproduce every observation makes the energy zero for all of them:

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[8]
    param W : real[4, 8]
    cost recon = sq(y - W @ z)
    infer z by minimize
    train by energy
    ```

    Something must limit what the latent can do: a regularizer, fewer dimensions, a
    discrete domain. The same is true of training that only pushes down: a net whose output is
    the energy, an autoencoder without a bottleneck, two encoders that may agree on a constant.
    There, a contrastive strategy limits the volume as well.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[2]
    param W : real[4, 2]
    cost recon = sq(y - W @ z)
    infer z by minimize
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    reason: str
    lacking: str
    remedy: str
    place: Span | None = None
    seen: str = ""

    def message(self) -> str:
        """Say what can happen."""
        return self.reason

    def text(self) -> str:
        """Say what is missing."""
        return self.lacking

    def labels(self) -> tuple[Label, ...]:
        """Show the term at fault."""
        return () if self.place is None else (Label(self.place, self.seen),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return self.remedy


def collapse(subject: Subject) -> Iterator[Mistake]:
    """Report a latent without limits, or else training that nothing limits."""
    pushed = lowered(subject)
    if pushed is None:
        return
    found = list(_unlimited(subject, pushed))
    yield from found
    if not found:
        yield from _downwards(subject, pushed)


def _unlimited(subject: Subject, pushed: Sequence[Node]) -> Iterator[Collapse]:
    """Report each latent that can reproduce whatever is observed."""
    observed = subject.observed
    seen = [each for each in addends(subject.energy) if each.names & observed]
    names = {n for e in subject.model.infers if _searches(e) for n in e.names}
    latents = [each for each in subject.model.with_role("latent") if each.name in names]
    for latent in latents if len(seen) == 1 else ():
        terms = [each for each in pushed if latent.name in each.names]
        plain = [each for each in terms if each not in seen]
        if seen[0] not in terms or not _is_plain(latent):
            continue
        if all(_is_no_limit(each, latent) for each in plain) and _reproduces(seen[0], latent):
            yield _of_latent(subject, latent, addend=seen[0])


def _searches(infer: Infer) -> bool:
    """Tell whether a latent may go anywhere: no encoder, no noise and no count limits it."""
    counted = infer.solver is not None and infer.solver.budget.course is Course.COUNTED
    whole = infer.ring in ("minimize", "marginalize") and not infer.posterior
    return whole and not counted


def _is_plain(latent: Declared) -> bool:
    return latent.quantity.domain.name == "real" and not latent.constraints


def _is_no_limit(addend: Node, latent: Declared) -> bool:
    return prove(addend, frozenset({latent.name})).affine


def _reproduces(addend: Node, latent: Declared) -> bool:
    """Tell whether a latent can make a cost as low as it can be, for all observations."""
    if coefficient(addend)[0] <= 0 or (addend.op is Op.SUM_PLATE and not latent.plates):
        return False
    inside = distance(addend)
    return inside is not None and covers(inside, latent.name)


def _of_latent(subject: Subject, latent: Declared, *, addend: Node) -> Collapse:
    seen = next(name for name in sorted(subject.observed) if name in addend.names)
    low = "low" if _is_likelihood(addend) else "zero"
    return Collapse(
        latent.span,
        f"`{latent.name}` can reproduce any `{seen}`: the energy would be {low} everywhere",
        "nothing limits it",
        f"add a regularizer on `{latent.name}`, for example `l1({latent.name})`",
        subject.place(addend),
        "this can be zero everywhere",
    )


def _is_likelihood(addend: Node) -> bool:
    """Tell whether a cost is that of bits or tokens, which is zero for sure ones only."""
    return any(each.op is Op.CALL and len(each.args) > 1 for each in walk(addend))


def _downwards(subject: Subject, pushed: Sequence[Node]) -> Iterator[Collapse]:
    """Report training that only pushes down, where a way to be low everywhere is found."""
    for culprit, reason, remedy in _witnesses(subject, pushed):
        trains = subject.model.trains
        train = next((t for t in trains if t.objective and _has_energy(t.objective)), None)
        if train is None:
            continue
        yield Collapse(
            method_of(subject.model, train),
            f"nothing pushes the energy up, and {reason}",
            "this only pushes down",
            remedy,
            subject.place(culprit),
            "this can be low everywhere",
        )
        return


def _has_energy(objective: Node) -> bool:
    return any(is_free_energy(each) for each in walk(objective))


Witness = tuple[Node, str, str]
CONTRAST = "push up somewhere, for example `train by contrastive_divergence`"


def _witnesses(subject: Subject, pushed: Sequence[Node]) -> Iterator[Witness]:
    yield from _bottomless(subject, pushed)
    yield from _identities(subject, pushed)
    culprit = flattened(subject, pushed)
    if culprit is not None:
        reason = "with its parameters at zero it is the same for every observation"
        limit = "or keep them from shrinking, for example `with orthonormal`"
        yield culprit, reason, f"{CONTRAST}, {limit}"


def _bottomless(subject: Subject, pushed: Sequence[Node]) -> Iterator[Witness]:
    """Find an energy that falls without end along a parameter: it is linear in it."""
    loose = free(subject)
    continuous = {e.name for e in subject.model.with_role("latent") if not _is_finite(e)}
    uses: dict[str, list[Node]] = {}
    for each in pushed:
        for name in each.names & loose:
            uses.setdefault(name, []).append(each)
    for name, terms in sorted(uses.items()):
        clear = [each for each in terms if not each.names & continuous]
        if clear and all(_is_linear(each, name) for each in terms):
            net = subject.net(name) is not None
            reason = f"it falls without end as {'the output of ' if net else ''}`{name}` does"
            yield clear[0], reason, f"{CONTRAST}, or make the energy bounded below"


def _is_finite(latent: Declared) -> bool:
    return latent.quantity.domain.discrete


def _is_linear(addend: Node, name: str) -> bool:
    """Tell whether a term is linear in a parameter, or in what a net gives."""
    base = core(addend)
    if base.op is Op.APPLY and base.data.name == name:
        inside = frozenset[str]().union(*(arg.names for arg in base.args))
        return name not in inside and ends_open(base.data)
    facts = prove(addend, frozenset({name}))
    return facts.affine and not facts.constant and (facts.low, facts.high) == (-inf, inf)


def _identities(subject: Subject, pushed: Sequence[Node]) -> Iterator[Witness]:
    """Find an autoencoder that can copy its input."""
    loose = free(subject) | _unit(subject)
    learned = [each for each in pushed if each.names & subject.moved]
    if len(learned) != 1 or len(subject.observed) != 1 or subject.latents:
        return
    inside = distance(learned[0])
    (name,) = subject.observed
    if inside is None or [e for e in pushed if e is not learned[0] and name in e.names]:
        return
    moving, still = parts(inside, name)
    own = [each for each in moving if not each.names & subject.moved]
    made = [each for each in moving if each.names & subject.moved]
    if len(own) != 1 or len(made) != 1 or not all(each.names <= loose for each in still):
        return
    least = size(own[0].shape)
    is_y = core(own[0]).op is Op.VARIABLE
    if is_y and _ends(made[0]) and copies(made[0], name, least=least, free=loose):
        reason = f"`{formula(core(made[0]))}` can copy any `{name}`"
        remedy = "make the code narrower, or sparse, or noisy"
        yield learned[0], reason, f"{remedy}; or {CONTRAST}"


def _ends(node: Node) -> bool:
    base = core(node)
    return base.op is Op.MATMUL or (base.op is Op.APPLY and ends_open(base.data))


def _unit(subject: Subject) -> frozenset[str]:
    """Name the parameters that may be the identity though their size is held."""
    return frozenset(
        each.name
        for each in subject.model.with_role("param")
        if {c.word for c in each.constraints} <= {"orthonormal", "unit_columns", "symmetric"}
        and each.quantity.domain.name == "real"
        and each.name in subject.moved
    )
