"""What is proved of a model's terms, as a table that a person can judge row by row."""

from __future__ import annotations

from itertools import combinations
from math import inf

from ebmdsl.check.model import Model, Term
from ebmdsl.concepts.facts import Block, Facts, Lag
from ebmdsl.expr.prove import prove

HEAD = (
    "term",
    "in",
    "degree",
    "leading",
    "curvature",
    "smoothness",
    "block",
    "bounds",
    "reads",
)


def table(model: Model) -> str:
    """One row for every term and set of variables that it may move with."""
    rows = [HEAD, *(row for term in model.terms for row in _rows(model, term))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _rows(model: Model, term: Term) -> list[tuple[str, ...]]:
    latents = _held(model, term, "latent")
    groups: list[tuple[str, ...]] = [
        (name,) for name in (*latents, *_held(model, term, "observed"))
    ]
    groups += combinations(latents, 2)
    groups += [(*latents, *_held(model, term, "observed"))]
    params = [name for name in model.parameters if name in term.node.names]
    groups += [(name,) for name in params]
    groups += [tuple(params)] if len(params) > 1 else []
    kept = dict.fromkeys(group for group in groups if group)
    return [_row(term, group) for group in kept]


def _held(model: Model, term: Term, role: str) -> tuple[str, ...]:
    return tuple(d.name for d in model.with_role(role) if d.name in term.node.names)


def _row(term: Term, group: tuple[str, ...]) -> tuple[str, ...]:
    facts = prove(term.node, frozenset(group))
    known = facts.degree is not None
    return (
        term.name,
        ", ".join(group),
        str(facts.degree) if known else "–",
        ", ".join(sorted(facts.leading)) if known else "–",
        facts.curvature.value,
        facts.smoothness.name.lower(),
        _block(facts.block),
        _bounds(facts),
        ", ".join(sorted(map(_lag, facts.lags))) or "–",
    )


def _block(block: Block) -> str:
    return block.name.lower()


def _bounds(facts: Facts) -> str:
    low = "" if facts.low == -inf else f"≥ {facts.low:g}"
    high = "" if facts.high == inf else f"≤ {facts.high:g}"
    return " ".join(filter(None, (low, high))) or "–"


def _lag(lag: Lag) -> str:
    if lag.offset is None:
        return f"all {lag.plate}"
    if lag.fixed:
        return f"{lag.plate} = {lag.offset}"
    return f"{lag.plate}{lag.offset:+d}" if lag.offset else lag.plate
