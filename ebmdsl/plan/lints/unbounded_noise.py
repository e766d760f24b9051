"""`unbounded-noise`: noise on a code that may outrun it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.expr.build import addends, const
from ebmdsl.expr.node import Node, Op, walk
from ebmdsl.expr.rebuild import substitute
from ebmdsl.plan.lints.scaling import Moves, Search, degree
from ebmdsl.plan.lints.subject import free, lowered
from ebmdsl.source.diagnostic import Label, Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ebmdsl.check.model import Block, Declared, Infer
    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("unbounded-noise")
class UnboundedNoise(Mistake):
    """Noise limits what a code can hold only while the code cannot grow.

    Nothing pulls the codes to the center here. Each flies away from the others until the
    noise is small beside the distances between them, and then it limits nothing.

    ```ebm
    model fails
    observed y : real[64]
    random e : real[2] ~ normal
    net enc = linear(128) |> relu |> linear(2)
    net dec = linear(128) |> relu |> linear(64)
    encoder center = enc(y)
    cost recon = sq(y - dec(center + e))
    train by energy
    ```

    Charge for the norm of the code.

    ```ebm
    model works
    observed y : real[64]
    random e : real[2] ~ normal
    net enc = linear(128) |> relu |> linear(2)
    net dec = linear(128) |> relu |> linear(64)
    encoder center = enc(y)
    cost recon = sq(y - dec(center + e))
    regularizer pull = sq(center) / 2
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    name: str
    code: str
    place: Span | None = None

    def message(self) -> str:
        """Say what outruns what."""
        return f"the noise of `{self.name}` limits nothing: `{self.code}` may grow beyond it"

    def text(self) -> str:
        """Say what is missing."""
        return "nothing limits the norm of the code"

    def labels(self) -> tuple[Label, ...]:
        """Show the cost that only falls as the code grows."""
        seen = "this falls as the code grows"
        return () if self.place is None else (Label(self.place, seen),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return f"add `regularizer prior = sq({self.code}) / 2`"


def unbounded_noise(subject: Subject) -> Iterator[Mistake]:
    """Report codes that can outrun the noise on them, with the decoder making up for it."""
    pushed = lowered(subject)
    if pushed is None:
        return
    for infer in subject.model.infers:
        if infer.posterior:
            yield from _of_posterior(subject, infer, pushed=pushed)
    for each in subject.model.with_role("random"):
        yield from _of_random(subject, each, pushed=pushed)


def _of_posterior(
    subject: Subject, infer: Infer, *, pushed: Sequence[Node]
) -> Iterator[UnboundedNoise]:
    law = next((b.node for b in subject.model.blocks if b.name == infer.posterior), None)
    if law is None or not law.args:
        return
    search = Search(free(subject, shrinking=True) | {*infer.names})
    start: Moves = {(name, "value"): -1.0 for name in infer.names}
    stay = [(each, (0.0,)) for each in pushed]
    for moves in search.fits(law.args[0], -1.0, moves=start):
        if next(search.settle(stay, moves=moves), None) is not None:
            (latent,) = (subject.model.find(name) for name in infer.names[:1])
            assert latent is not None
            place = _first(subject, latent.name, pushed=pushed)
            yield UnboundedNoise(latent.span, latent.name, latent.name, place)
            return


def _first(subject: Subject, name: str, *, pushed: Sequence[Node]) -> Span | None:
    return next((subject.place(each) for each in pushed if name in each.names), None)


def _of_random(
    subject: Subject, noise: Declared, *, pushed: Sequence[Node]
) -> Iterator[UnboundedNoise]:
    """Report noise that is added to the output of an encoder which can grow."""
    name = noise.name
    sums = {node for each in pushed for node in walk(each) if _adds(node, name)}
    if len(sums) != 1 or noise.law is None:
        return
    (noisy,) = sums
    search = Search(free(subject, shrinking=True))
    nothing = {name: const(0, noise.shape)}
    clean = [part for each in pushed for part in addends(substitute(each, nothing))]
    code, stay = substitute(noisy, nothing), [(each, (0.0,)) for each in clean]
    ways = (w for m in search.fits(code, -1.0, moves={}) for w in search.settle(stay, moves=m))
    named = (block for moves in ways if (block := _named(subject, code, moves=moves)))
    block = next(named, None)
    if block is not None:
        place = _first(subject, name, pushed=pushed)
        yield UnboundedNoise(block.span, name, block.name, place)


def _adds(node: Node, name: str) -> bool:
    """Tell whether a node is a sum with a variable, perhaps times a number, as a part."""
    return node.op is Op.ADD and any(part.names == frozenset({name}) for part in node.args)


def _named(subject: Subject, code: Node, *, moves: Moves) -> Block | None:
    """Return the node of the program that the noise is added to, or that holds the sum."""
    grown = degree(code, moves) == -1.0
    blocks = [each for each in subject.model.blocks if each.node is code or _within(each, code)]
    return blocks[0] if grown and blocks else None


def _within(block: Block, code: Node) -> bool:
    return any(each is code for each in walk(block.node))
