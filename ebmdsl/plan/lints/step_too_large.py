"""`step-too-large`: a written gradient step that is longer than the energy allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, final

from ebmdsl.expr.build import addends, coefficient
from ebmdsl.expr.calls import called
from ebmdsl.expr.node import Node, Op
from ebmdsl.expr.prove import prove
from ebmdsl.expr.text import number
from ebmdsl.plan.lints.reach import parts
from ebmdsl.source.diagnostic import Label, Severity
from ebmdsl.source.mistake import Mistake, mistake
from ebmdsl.source.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.plan.lints.subject import Subject


@final
@mistake("step-too-large")
class StepTooLarge(Mistake):
    """A gradient step is longer than 1/L, where L is the largest curvature of the energy.

    From 2/L on, every step leads further away.

    ```ebm
    model fails
    observed y : real[4]
    latent z : real[4]
    param m : real[4]
    cost recon = sq(y - z)
    cost prior = sq(z - m)
    infer z by minimize with gradient_descent(steps = 20, rate = 1.0)
    train by energy
    ```

    Leave the step out: it is computed.

    ```ebm
    model works
    observed y : real[4]
    latent z : real[4]
    param m : real[4]
    cost recon = sq(y - z)
    cost prior = sq(z - m)
    infer z by minimize with gradient_descent(steps = 20)
    train by energy
    ```
    """

    severity: ClassVar[Severity] = "warning"

    rate: float
    curvature: float
    place: Span | None = None

    def message(self) -> str:
        """Say how long a step may be."""
        most = number(1 / self.curvature)
        return f"a step of {number(self.rate)} is too long: the energy allows {most}"

    def labels(self) -> tuple[Label, ...]:
        """Show the term that bends most."""
        seen = f"the curvature is at least {number(self.curvature)}"
        return () if self.place is None else (Label(self.place, seen),)

    def help(self) -> str:
        """Give the one-line remedy."""
        return f"write {number(1 / self.curvature)} or less, or leave it out: it is computed"


def step_too_large(subject: Subject) -> Iterator[Mistake]:
    """Report steps that are longer than one over a curvature that is known."""
    for infer in subject.model.infers:
        solver: Any = infer.solver
        rate = getattr(solver, "rate", None)
        alone = infer.ring == "minimize" and len(infer.names) == 1
        if not alone or not isinstance(rate, int | float):
            continue
        whole = subject.energy if infer.terms is None else infer.terms
        least, culprit = curvature(subject, whole, name=infer.names[0])
        if culprit is not None and rate * least > 1 + _ROUNDING:
            yield StepTooLarge(infer.method, float(rate), least, subject.place(culprit))


_ROUNDING = 1e-9


def curvature(subject: Subject, energy: Node, *, name: str) -> tuple[float, Node | None]:
    """Return a number that the largest curvature is proved to reach, and the term it is of.

    Squares of the variable itself bend alike in every direction and add up; behind columns
    of unit length a square bends so much in some direction, and one of those counts.
    """
    alike, most = 0.0, 0.0
    culprit: Node | None = None
    for term in addends(energy):
        facts = prove(term, frozenset({name}))
        if not facts.convex or facts.degree is None:
            return 0.0, None
        bend, everywhere = _bend(subject, term, name=name)
        alike += bend if everywhere else 0.0
        most = max(most, 0.0 if everywhere else bend)
        culprit = term if bend > 0 and culprit is None else culprit
    return alike + most, culprit


def _bend(subject: Subject, term: Node, *, name: str) -> tuple[float, bool]:
    """Return how much a square bends at least, and whether it does so in every direction."""
    factor, square = coefficient(term)
    if not called(square, "sq"):
        return 0.0, False
    moving, _ = parts(square.args[0], name)
    scale, part = coefficient(moving[0]) if len(moving) == 1 else (0.0, square)
    bend = 2 * factor * scale**2
    if part.op is Op.VARIABLE and part.shape == square.args[0].shape:
        return bend, True
    unit = part.op is Op.MATMUL and part.args[1].op is Op.VARIABLE
    return (bend, False) if unit and _is_unit(subject, part.args[0]) else (0.0, False)


def _is_unit(subject: Subject, matrix: Node) -> bool:
    declared = subject.model.find(matrix.data.name) if matrix.op is Op.VARIABLE else None
    words = {each.word for each in declared.constraints} if declared is not None else set[str]()
    return bool(words & {"unit_columns", "orthonormal"})
