"""Phrases of program text that several training strategies write."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, final

from ebmdsl.concepts.base import find
from ebmdsl.concepts.kinds import Law
from ebmdsl.concepts.program import Fault
from ebmdsl.concepts.shape import Misfit, show, size

if TYPE_CHECKING:
    from ebmdsl.concepts.program import Program

PLAIN = re.compile(r"\w+(\.\w+)*|\w+\([^()]*\)")


@final
class Call(NamedTuple):
    """A word with its arguments, as written: `queue(key(y), 4096)`."""

    word: str
    arguments: tuple[str, ...]

    def first(self, default: str = "") -> str:
        """Return the first argument."""
        return self.arguments[0] if self.arguments else default


@final
class Points(NamedTuple):
    """Contrastive points: the statements that declare them, their index and F at one."""

    statements: tuple[str, ...]
    over: str
    energy: str


def call(text: str) -> Call:
    """Split `word` or `word(a, b)` into the word and its arguments.

    >>> call("queue(key(y), 4096)")
    Call(word='queue', arguments=('key(y)', '4096'))
    """
    word, _, rest = text.strip().partition("(")
    return Call(word.strip(), _split(rest[:-1]) if rest else ())


def _split(text: str) -> tuple[str, ...]:
    """Split arguments at the commas that stand in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return tuple(part.strip() for part in parts if part.strip())


def atom(text: str) -> str:
    """Put brackets around an expression unless it is a name, a number or a call."""
    return text if PLAIN.fullmatch(text) else f"({text})"


def train(program: Program, names: tuple[str, ...], *, loss: str) -> str:
    """Write the core form; the losses of the program are added to what is minimized."""
    whole = " + ".join((loss, *program.losses))
    return f"train {', '.join(names)} by minimize({whole})"


def typed(program: Program, name: str, *, domain: str = "real") -> str:
    """Write a type with the shape of a variable: `real[64]`."""
    shape = program.shape(name)
    return f"{domain}{show(shape)}" if shape else domain


def one_observed(program: Program) -> Misfit | None:
    """Refuse a program in which F at another point would not say what is replaced."""
    if len(program.observed) == 1:
        return None
    listed = ", ".join(f"`{name}`" for name in program.observed) or "none"
    return Misfit(f"it needs one observed variable, and here are {listed}")


def two_valued(program: Program) -> Misfit | None:
    """Refuse a program whose observed entries do not have two values each."""
    refused = one_observed(program)
    if refused is not None:
        return refused
    name = program.observed[0]
    domain = program.domain(name)
    if domain in ("binary", "spin"):
        return None
    return Misfit(f"it turns bits over, and `{name}` is {domain}", f"declare `{name}` binary")


def flips(program: Program, unless: str = "") -> tuple[str, str, str]:
    """Return the neighbors of a sample: their declaration, their index and F at one."""
    y = program.observed[0]
    point, index = program.fresh("yf"), program.fresh("i")
    ends = ", -1, 1" if program.domain(y) == "spin" else ""
    over = f"{index}{_entries(program, y)}"
    declared = f"negative {point}[{over}] from flip({y}, {index}{ends}{unless})"
    return declared, index, f"F({point}[{index}])"


def _entries(program: Program, y: str) -> str:
    """Write the range of the entries of a variable; nothing where only its data know it."""
    shape = program.shape(y)[: -1 if program.domain(y) == "onehot" else None]
    _, _, places = program.plate(y).strip("[]").partition(" in ")
    if places:
        return "" if shape else f" in {places}"
    return f" in 0..{size(shape) - 1}"


def two_valued_or_signs(program: Program) -> Misfit | None:
    """Refuse a program whose observed entries have no finite list of values."""
    refused = one_observed(program)
    if refused is None and program.alphabet(program.observed[0]):
        return None
    return refused or two_valued(program)


def signs(program: Program) -> tuple[str, tuple[str, str], str]:
    """Return the samples with one sign exchanged: declaration, indices and F at one."""
    y, count = program.observed[0], program.alphabet(program.observed[0])
    point, i, v = (program.fresh(name) for name in ("yf", "i", "v"))
    over = f"{i}{_entries(program, y)}, {v} in 1..{count - 1}"
    declared = f"negative {point}[{over}] from flip({y}, {i}, {v})"
    return declared, (i, v), f"F({point}[{i}, {v}])"


def kernel(program: Program, start: str, *, steps: str) -> str:
    """Write the kernel for exp(-F): Gibbs where entries have few values, else Langevin."""
    domain = program.domain(program.observed[0])
    word = "gibbs" if domain in ("binary", "spin", "onehot", "token") else "langevin"
    return f"{word}(start = {start}, steps = {steps})"


def chains(program: Program, particles: str, *, sampler: str) -> Points:
    """Declare particles that a sampler moves on from step to step."""
    y, written = program.observed[0], call(sampler)
    state, point, index = (program.fresh(name) for name in ("P", "yn", "j"))
    options = ", ".join((f"start = {state}", *written.arguments))
    return Points(
        (
            f"state {state} = particles({particles}, like = {y})",
            f"negative {point}[{index} in 1..{particles}] from {written.word}({options})",
        ),
        index,
        f"F({point}[{index}])",
    )


def negatives(program: Program, written: str, *, count: str) -> Points:
    """Declare contrastive points: those of the batch, of a queue, of a bank, or of a law."""
    y, source = program.observed[0], call(written)
    point, index = program.fresh("yn"), program.fresh("j")
    if source.word in ("queue", "bank"):
        return _remembered(program, source, count=count)
    bound = f"{index}" if source.word == "batch" else f"{index} in 1..{count}"
    origin = f"others({y})" if source.word == "batch" else written
    declared = f"negative {point}[{bound}] from {origin}"
    return Points((declared,), index, f"F({point}[{index}])")


def _remembered(program: Program, source: Call, *, count: str) -> Points:
    """Declare the points that a state remembers; the node it remembers is replaced."""
    state, point, index = (program.fresh(name) for name in ("Q", "yn", "j"))
    node, rest = source.first(), source.arguments[1:]
    named = bool(re.fullmatch(r"\w+", node))
    replaced = node if named else program.fresh("u")
    many = rest[0] if source.word == "queue" and rest else count
    options = ", ".join((replaced, *rest))
    return Points(
        (
            *(() if named else (f"let {replaced} = {node}",)),
            f"state {state} = {source.word}({options})",
            f"negative {point}[{index} in 1..{many}] from others({state})",
        ),
        index,
        f"F({replaced} = {point}[{index}])",
    )


LOSSES = {
    "difference": ("", "F - {n}"),
    "hinge": ("", "relu({a} + F - {n})"),
    "log": ("", "softplus(F - {n})"),
    "margin": ("F", "relu({a} - {n})"),
    "logistic": ("softplus(F)", "softplus(-{n})"),
    "square_square": ("F^2", "relu({a} - {n})^2"),
    "square_exp": ("F^2", "{a} * exp(-{n})"),
}


def contrast(loss: str, points: Points) -> str:
    """Write the loss between F at the sample and F at contrastive points (mean over them)."""
    written, energy = call(loss), points.energy
    value = atom(written.first("1"))
    if written.word == "nll":
        others = f"logsumexp[{points.over}](-{energy} / {value})" if points.over else ""
        others = others or f"-{energy} / {value}"
        return f"F / {value} + logaddexp(-F / {value}, {others})"
    up, down = LOSSES[written.word]
    down = down.format(a=value, n=energy)
    averaged = f"mean[{points.over}]({down})" if points.over else down
    return f"{up} + {averaged}" if up else averaged


def known_loss(loss: str) -> Fault | None:
    """Refuse a loss that is none of the table."""
    word, known = call(loss).word, (*LOSSES, "nll")
    return None if word in known else Fault(word, what="loss between two energies", known=known)


def above_zero(**options: str) -> Fault | None:
    """Refuse numbers that are not above zero; an expression is judged where it is written."""
    wrong = ((name, text) for name, text in options.items() if _number(text) <= 0)
    for name, text in wrong:
        return Fault(text, f"`{name}` is a number above zero, not `{text}`")
    return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


def noise(program: Program, written: str, *, name: str) -> tuple[tuple[str, ...], str, str]:
    """Return the declaration of a noise, if it is a law, its name, and the noisy variable."""
    word = call(written).word
    if find(Law, word) is None:
        return (), "", f"{word}({', '.join((name, *call(written).arguments))})"
    drawn = program.fresh("e")
    plate, kind = program.plate(name), typed(program, name)
    return (f"random {drawn}{plate} : {kind} ~ {written}",), drawn, f"{name} + {drawn}"
