"""What the gradient of a loss reaches: constants in a loss let nothing through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ebmdsl.expr.node import Node, Op

if TYPE_CHECKING:
    from ebmdsl.check.model import Infer, Model


def live(model: Model, loss: Node, *, energy: Node) -> frozenset[str]:
    """Name the parameters that a loss depends on through what is no constant in it."""
    reached: set[str] = set()
    seen: set[Node] = set()
    pending: list[Node] = [loss]
    while pending:
        node = pending.pop()
        if node in seen or node.op is Op.STOP:
            continue
        seen.add(node)
        names = _own(node)
        pending += [n for name in names - reached for n in behind(model, name, energy=energy)]
        pending += node.args
        reached |= names
    return frozenset(reached & {*model.parameters})


def _own(node: Node) -> frozenset[str]:
    """Name what a node itself stands for, apart from its arguments."""
    if node.op is Op.VARIABLE:
        return frozenset({node.data.name})
    names: frozenset[str] = node.data.names if node.op is Op.APPLY else frozenset()
    return names


def behind(model: Model, name: str, *, energy: Node) -> tuple[Node, ...]:
    """List the values whose changes a variable follows; a constant follows none.

    F follows the energy, and so does a minimizer that is differentiated; an encoded latent
    follows its encoder, one under a posterior the posterior.
    """
    if name in ("F", "logZ", "E"):
        return (energy,)
    infer = next((e for e in model.infers if e.kind == "infer" and name in e.names), None)
    return () if infer is None else _followed(model, infer, energy=energy)


def _followed(model: Model, infer: Infer, *, energy: Node) -> tuple[Node, ...]:
    if infer.encoded is not None:
        return (infer.encoded,)
    if infer.posterior:
        laws = (block.node for block in model.blocks if block.name == infer.posterior)
        return tuple(option for law in laws for option in law.args)
    if infer.gradient in ("", "constant", "envelope"):
        return ()
    return (energy if infer.terms is None else infer.terms,)


def constants(model: Model, loss: Node, *, name: str, energy: Node) -> tuple[str, ...]:
    """Name the minimizers in a loss that depend on a parameter, and are constants in it."""
    held: list[str] = []
    for infer in model.infers:
        found = energy if infer.terms is None else infer.terms
        constant = infer.kind == "infer" and not _followed(model, infer, energy=energy)
        if constant and infer.ring == "minimize" and name in found.names:
            held += [each for each in infer.names if each in loss.names]
    return tuple(held)
