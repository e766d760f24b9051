"""One step of a plan in words: the method, why, its proof, and what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.plan.gradient import in_losses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebmdsl.concepts.base import Concept
    from ebmdsl.concepts.problem import Problem
    from ebmdsl.plan.plan import Eliminate, Rejected


def meaning(concept: Concept) -> str:
    """Return the first sentence of a word's documentation, without its full stop."""
    text = (type(concept).__doc__ or "").strip().split("\n\n")[0]
    return " ".join(text.replace("$", "").split()).rstrip(".")


def told(step: Eliminate) -> list[str]:
    """Say how a step is carried out, how it is proved, and what was refused and why."""
    return _unsolved(step) if step.open else _solved(step)


def _unsolved(step: Eliminate) -> list[str]:
    names = ", ".join(f"`{name}`" for name in step.names)
    lines = [f"{step.ring} over {names}: this version has no method, so it cannot run"]
    lines += [f"found: {sentence}" for sentence in found(step.problem)] if step.problem else []
    return [*lines, f"because: {step.reason}", *refused(step.rejected)]


def _solved(step: Eliminate) -> list[str]:
    names = ", ".join(f"`{name}`" for name in step.names)
    lines = [f"{step.ring} over {names} by {step.method}: {what(step)}"]
    lines += [f"found: {sentence}" for sentence in found(step.problem)] if step.problem else []
    chosen = "as the file says" if step.told else "chosen"
    lines.append(f"{chosen}: {step.reason}")
    lines += _around(step)
    proof = "" if step.certificate.startswith("none") else ", for every sample"
    lines.append(f"certificate: {step.certificate}{proof}{_tolerances(step)}")
    if not step.exact:
        lines.append(_inexact(step))
    return [*lines, *refused(step.rejected)]


def in_a_loss(step: Eliminate) -> list[str]:
    """Say what the answer of a step is in a loss, and whether that is exact."""
    names = ", ".join(f"`{name}`" for name in step.names)
    match step.ring:
        case _ if step.open:
            return []
        case "minimize":
            return [f"gradient: {in_losses(step)}"]
        case "marginalize" if step.method == "variational":
            return [f"gradient: {names} is a draw of the posterior, which moves with it"]
        case "marginalize":
            return [f"gradient: F is differentiated exactly; {names} itself is a constant"]
        case "sample":
            return [f"gradient: {names} is a constant draw: the mean of the gradient is exact"]
        case "encode":
            return [f"gradient: {names} moves with the encoder"]


def _around(step: Eliminate) -> list[str]:
    """Say where a search begins, what disappears inside it, and what follows a failure."""
    lines: list[str] = []
    if step.nested:
        names = ", ".join(f"`{name}`" for name in step.nested)
        lines.append(f"inside it: {names} disappears anew wherever this step looks")
    if step.starts is not None:
        low, high, many = step.starts
        begin = f"from {many} starts on {low:g}..{high:g}: the best answer counts"
        lines.append(f"{begin}; `ebmc infer` returns every distinct one with its energy")
    if step.safer is not None:
        lines.append(f"where that ends without a number: again by {step.safer.word}")
    return lines


def refused(rejected: Sequence[Rejected]) -> list[str]:
    """Say what every other method lacks; those that lack the same share a line."""
    reasons: dict[str, list[Rejected]] = {}
    for each in rejected:
        reasons.setdefault(each.reason, []).append(each)
    return [f"not {_listed(alike)}: {reason}" for reason, alike in reasons.items()]


def _listed(alike: Sequence[Rejected]) -> str:
    """Name methods, and the line of the term at fault."""
    names = ", ".join(each.method for each in alike)
    line = next((each.span.line for each in alike if each.span is not None), None)
    return names if line is None else f"{names} (line {line})"


def what(step: Eliminate) -> str:
    """Say what a method does, as its page begins."""
    if step.places is not None:
        return "every place of a sequence by itself, at its best value"
    method = step.solver or step.marginalizer or step.sampler
    if method is not None:
        return meaning(method)
    if step.method == "variational":
        return "the bound of a posterior that the file declares"
    return step.method.replace("_", " ")


def _inexact(step: Eliminate) -> str:
    """Say what F is where it is not the free energy itself."""
    if step.method == "variational":
        return "F is then an upper bound: the mean of E + log q / β over q"
    method = step.marginalizer
    if method is None:
        return "F is then an upper bound: these terms only are minimized"
    return f"F is then {'an upper bound' if method.bound else 'an estimate'}"


def _tolerances(step: Eliminate) -> str:
    budget = getattr(step.solver, "budget", None)
    if step.places is not None:
        return "; at most 1e-9"
    if budget is None or budget.course.value == "exact" or step.ring != "minimize":
        return ""
    if budget.tol is not None:
        return f"; at most {budget.tol:g}, as the file says"
    return "; at most 1e-3 in training, 1e-5 in infer, eval and report"


def found(problem: Problem) -> list[str]:
    """Say what was proved about a problem, a sentence for each fact."""
    names = problem.name
    if problem.discrete:
        return [f"{names} has {_states(problem.states or 0)} states"]
    lines = [f"the smooth part is {_shape_of(problem)} in {names}"]
    if problem.has_matrix and problem.smooth.degree:
        lines.append(_matrix(problem))
    lines += [f"`{term.text}` has a kink, {_prox(term.obstacle)}" for term in problem.rough]
    if problem.domain not in ("real", "mixed"):
        lines.append(f"{names} is {problem.domain}: the prox ends with a projection")
    return lines


def _prox(obstacle: str) -> str:
    return f"and {obstacle}" if obstacle else "and its proximal operator is known"


def _states(states: int) -> str:
    return count(states) if states < 10**9 else f"about 10^{len(str(states)) - 1}"


def _shape_of(problem: Problem) -> str:
    facts = problem.smooth
    if facts.affine:
        return "affine"
    if problem.quadratic:
        return "a convex quadratic" if facts.convex else "a quadratic, not proved convex,"
    return "convex and smooth" if facts.convex else "smooth, not proved convex,"


def _matrix(problem: Problem) -> str:
    on = ", ".join(f"`{name}`" for name in sorted(problem.smooth.leading)) or "nothing"
    shared = "one matrix serves all samples" if problem.shared else "each sample has its own"
    return f"its matrix depends on {on}: {shared}"


def count(number: int) -> str:
    """Write a number with its thousands apart."""
    return f"{number:,}"
