"""A plan in words: what is minimized, how, why so and not otherwise, and how it is proved."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from ebmdsl.concepts.shape import size
from ebmdsl.plan.pushes import pushes
from ebmdsl.render.formula import formula
from ebmdsl.render.steps import count, in_a_loss, refused, told, what
from ebmdsl.render.text import sections

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ebmdsl.check.model import Declared, Model
    from ebmdsl.concepts.kinds import Strategy
    from ebmdsl.expr.node import Plate
    from ebmdsl.graph.factor_graph import Factor
    from ebmdsl.plan.kernels import Kernel
    from ebmdsl.plan.plan import Eliminate, Plan, Rejected, Update

    Section = tuple[str, Sequence[str]]

_FREE = {
    "minimize": "min_{z} E",
    "marginalize": "−1/β log Σ_{z} exp(−β E)",
    "sample": "−1/β log Σ_{z} exp(−β E)",
    "encode": "E at {z} = the encoder's answer",
}


def describe(plan: Plan, written: Model) -> str:
    """Return the text of `ebmc plan`; `written` is the model before its expansion."""
    parts: list[Section] = [("energy", _energy(plan)), ("variables", _variables(plan.model))]
    parts += _methods(plan, written)
    for (name, each), stage in zip(plan.stages, written.stages, strict=True):
        parts += [("stage", [name]), *_methods(each, stage.model)]
    parts += [("data", [_data(each.name, plan.model) for each in plan.model.data])]
    parts += [("next", [f"ebmc train {_path(plan)}", f"ebmc graph {_path(plan)} -o graph.svg"])]
    return sections(_title(plan), [part for part in parts if part[1]])


def _methods(plan: Plan, written: Model) -> list[Section]:
    """Say how the latents disappear, how the parameters move and what limits the volume."""
    parts: list[Section] = [
        ("inference", [*told(each), *in_a_loss(each)]) for each in plan.eliminations
    ]
    parts += [("prediction", told(each)) for each in plan.predictions]
    parts += [("negatives", _chains(name, kernel)) for name, kernel in plan.chains]
    parts += _partition(plan)
    parts += [
        ("training", _training(plan, update, strategy=strategy))
        for update, strategy in zip(plan.updates, _strategies(plan, written), strict=True)
    ]
    return [*parts, ("volume", _volume(plan))]


def _title(plan: Plan) -> str:
    return f"{_path(plan)}  ·  {plan.model.name}"


def _path(plan: Plan) -> str:
    return plan.model.file.header.span.source.name


def _energy(plan: Plan) -> list[str]:
    factors = plan.graph.energy
    formulas = "  +  ".join(_factor(factor.text, factor.plates) for factor in factors)
    known = ", ".join(each.name for each in plan.model.with_role("observed", "given"))
    head = f"F({known}) = {_free_energy(plan)},  " if plan.eliminations else ""
    lines = [f"{head}E = {formulas}"]
    lines += [
        f"with {formula(b.id)} {'~' if b.random else '='} {formula(b.text)}"
        for b in _blocks(plan)
    ]
    lines += [_declaration(factor) for factor in plan.graph.factors]
    return lines


def _declaration(factor: Factor) -> str:
    index = _ranges(factor.plates)
    return f"{factor.kind} `{factor.id}`{index} = {formula(factor.text)}"


def _ranges(plates: Sequence[Plate]) -> str:
    ranges = [f"{each.index} in {each.low}..{each.low + each.size - 1}" for each in plates]
    return f"[{', '.join(ranges)}]" if ranges else ""


def _factor(text: str, plates: Sequence[Any]) -> str:
    index = ", ".join(plate.index for plate in plates)
    return f"Σ[{index}] {formula(text)}" if index else formula(text)


def _blocks(plan: Plan) -> list[Any]:
    return [block for block in plan.graph.blocks if block.role != "net"]


def _free_energy(plan: Plan) -> str:
    """Write what is left of E when the latents are gone, the first elimination innermost."""
    text = "E"
    for step in plan.eliminations:
        names = ", ".join(step.names)
        inner = text if text == "E" or step.ring == "minimize" else f"({text})"
        text = _FREE[step.ring].replace("{z}", names).replace("E", inner, 1)
    return text


def _variables(model: Model) -> list[str]:
    lines = [_variable(each) for each in model.declared]
    lines += [
        f"net {net.name}: {net.pipe.text()}, "
        f"{count(sum(size(shape) for _, shape in net.weights))} weights"
        for net in model.nets
    ]
    return lines


def _variable(declared: Declared) -> str:
    index = _ranges(declared.plates)
    shape = f"[{', '.join(map(str, declared.shape))}]" if declared.shape else ""
    text = f"{declared.role} {declared.name}{index} : {declared.quantity.domain.name}{shape}"
    if declared.constraints:
        text += f" with {', '.join(each.word for each in declared.constraints)}"
    if declared.role == "param":
        text += f", {count(size(declared.shape))} numbers"
    return text


def _partition(plan: Plan) -> list[Section]:
    """Say how log Z is found, where it is asked for."""
    if plan.partition is None:
        return []
    if not plan.partition.known:
        return [("log Z", [f"it cannot be had: {plan.partition.reason}"])]
    listed: list[str] = []
    for step in plan.partition.steps:
        names = ", ".join(f"`{name}`" for name in step.names)
        inside = ", ".join(f"`{name}`" for name in step.nested)
        around = f", {inside} gone inside" if inside else ""
        listed += [
            f"over {names} by {step.method}{around}: {what(step)}",
            f"chosen: {step.reason}; certificate: {step.certificate}",
        ]
    return [("log Z", listed)]


def _strategies(plan: Plan, written: Model) -> list[str]:
    words = [_strategy(train.strategy) if train.strategy else "" for train in written.trains]
    return words if len(words) == len(plan.updates) else [""] * len(plan.updates)


def _strategy(strategy: Strategy) -> str:
    return f"`{strategy.word}` (class {strategy.family()})"


def _chains(name: str, kernel: Kernel) -> list[str]:
    """Say how the chains of contrastive points move, and which law they keep."""
    sampler = kernel.sampler
    heat = getattr(sampler, "temperature", 1.0)
    law = "exp(−F)" if heat == 1 else f"exp(−F / {heat:g})"
    count = "1 step" if sampler.steps == 1 else f"{sampler.steps} steps"
    lines = [f"`{name}` by {sampler.word}: {count} of chains for {law}"]
    return [*lines, f"each step: {kernel.reason}"]


def _training(plan: Plan, update: Update, *, strategy: str) -> list[str]:
    names = ", ".join(f"`{name}`" for name in update.names)
    how = "exact alternation" if update.method == "alternation" else _optimizer(update)
    what = f"strategy {strategy}: " if strategy else ""
    lines = [f"{what}move {names} by {how}, {_loop(plan, update)}"]
    lines += _pushed(update)
    label = "gradient" if update.method == "gradient" else "chosen"
    lines.append(f"{label}: {update.reason}")
    lines += refused(update.rejected)
    return lines


def _optimizer(update: Update) -> str:
    assert update.optimizer is not None
    return f"{update.optimizer.word}"


def _loop(plan: Plan, update: Update) -> str:
    settings = plan.model.settings
    if update.method == "alternation":
        return f"on all samples at once, best of {settings.restarts} starts"
    length = f"{settings.steps} steps" if settings.steps else f"{settings.epochs} epochs"
    return f"{length} of batches of {settings.batch}"


def _pushed(update: Update) -> list[str]:
    """Say what the loss does to the energy, and where."""
    found = pushes(update.objective)
    named = {"pushed down": found.down, "pushed up": found.up, "weighed": found.weighed}
    known = [f"{what}: {', '.join(points)}" for what, points in named.items() if points]
    return ["; ".join(known)] if known else []


def _volume(plan: Plan) -> list[str]:
    found = [pushes(update.objective) for update in plan.updates]
    raised = dict.fromkeys(point for each in found for point in each.up)
    if raised:
        return [f"low energy is limited by pushing up {', '.join(raised)}"]
    if any(len(each.weighed) > 1 for each in found):
        return ["low energy is limited by weighing energies against each other"]
    if not plan.volume:
        return ["nothing that is proved limits the volume of low energy"]
    return [f"low energy is limited because {sentence}" for sentence in plan.volume]


def _data(name: str, model: Model) -> str:
    data = next(each for each in model.data if each.name == name)
    steps = " |> ".join((data.dataset.word, *(step.word for step in data.transforms)))
    fields = ", ".join(f"{f.name} {list(f.shape)}" for f in data.fields)
    return f"{name} = {steps}: {fields}"


def record(plan: Plan) -> dict[str, Any]:
    """Return the decisions of a plan as plain data, for JSON."""
    return {
        "model": plan.model.name,
        "eliminations": [_elimination(each) for each in plan.eliminations],
        "predictions": [_elimination(each) for each in plan.predictions],
        "updates": [_update(each) for each in plan.updates],
        "volume": list(plan.volume),
        "parameters": sum(
            size(each.shape) * prod(p.size for p in each.plates)
            for each in plan.model.with_role("param")
        ),
    }


def _elimination(step: Eliminate) -> dict[str, Any]:
    return {
        "latents": list(step.names),
        "ring": step.ring,
        "method": step.method,
        "exact": step.exact,
        "reason": step.reason,
        "certificate": step.certificate,
        "gradient": step.gradient,
        "told": step.told,
        "starts": list(step.starts) if step.starts is not None else None,
        "joined": list(step.joined),
        "inside": [*step.inside, *step.nested],
        "rejected": [_rejected(each) for each in step.rejected],
    }


def _rejected(each: Rejected) -> dict[str, Any]:
    line = None if each.span is None else each.span.line
    return {"method": each.method, "reason": each.reason, "line": line}


def _update(update: Update) -> dict[str, Any]:
    return {
        "parameters": list(update.names),
        "method": update.method,
        "optimizer": update.optimizer.word if update.optimizer else None,
        "envelope": update.envelope,
        "reason": update.reason,
        "rejected": [{"method": r.method, "reason": r.reason} for r in update.rejected],
    }
