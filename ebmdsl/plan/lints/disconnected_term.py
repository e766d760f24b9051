"""`disconnected-term`: a term that has nothing to do with what is observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

from ebmdsl.expr.build import is_const
from ebmdsl.source.diagnostic import Severity
from ebmdsl.source.mistake import Mistake, mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ebmdsl.check.model import Term
    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("disconnected-term")
class DisconnectedTerm(Mistake):
    """A term shares no variable with the rest of the energy, so it changes nothing.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[4]
    param m : real[4]
    cost recon = sq(y - m)
    regularizer small = sq(z)
    infer z by minimize
    train by energy
    ```

    The latent was to explain something: connect it.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[4]
    param m : real[4]
    cost recon = sq(y - m - z)
    regularizer small = sq(z)
    infer z by minimize
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    name: str
    names: tuple[str, ...]

    def message(self) -> str:
        """Say what it is apart from."""
        if not self.names:
            return f"`{self.name}` depends on no variable: it adds the same number everywhere"
        listed = ", ".join(f"`{name}`" for name in self.names)
        return f"`{self.name}` is about {listed} only, which nothing else is about"

    def text(self) -> str:
        """Say what is missing."""
        return "disconnected from what is observed"

    def help(self) -> str:
        """Give the one-line remedy."""
        if not self.names:
            return "take it out, or use a variable in it"
        return f"use `{self.names[0]}` in a term with what is observed, or take this one out"


def disconnected_term(subject: Subject) -> Iterator[Mistake]:
    """Report terms that no chain of shared variables connects to an observed one."""
    model = subject.model
    known = {each.name for each in model.with_role("observed", "given")}
    scopes = [each.node.names for each in model.terms]
    scopes += [each.objective.names for each in model.trains if each.objective is not None]
    joined = _joined({*known, "F", "logZ"}, scopes)
    if not any(term.node.names & known for term in model.energy):
        return
    for term in model.energy:
        if not is_const(term.node, 0) and not term.node.names & joined and _is_ours(term):
            yield DisconnectedTerm(term.span, term.name, tuple(sorted(term.node.names)))


def _joined(start: Iterable[str], scopes: Iterable[frozenset[str]]) -> set[str]:
    """Name everything that chains of shared names connect to the start."""
    joined, rest = set(start), list(scopes)
    while True:
        met = [scope for scope in rest if scope & joined]
        rest = [scope for scope in rest if not scope & joined]
        if not met:
            return joined
        joined |= frozenset[str]().union(*met)


def _is_ours(term: Term) -> bool:
    """Tell whether a term is one of the energy's own variables, and not of a draw."""
    return not any("." in name for name in term.node.names)
