"""What a line of a long program costs to check and to lay out, as a ratio to a short one's."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import process_time

from ebmdsl.compilation import Compilation
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from ebmdsl.syntax.parse import parse

HEAD = """model long(k = 4)
observed y : real[k]
latent z : real[k]
param W : real[k, k] with unit_columns
"""
TAIL = "cost fit = sq(y - W @ z) + l1(z)\ninfer z by minimize\ntrain by energy\n"
LINES = {
    "terms": "cost c{0} = {0} * sq(y - W @ z) / 2",
    "values": "let a{0} = y + {0} * z",
    "functions": "func f{0}(u) = u * {0} + sq(u)",
    "data": "data d{0} = digits()",
    "parameters": "param p{0} : real[4]",
    "nets": "net n{0} = linear(4) |> relu",
    "reports": "report r{0} = mean(sq(y))",
    "comments": "# line {0}",
    "silencers": "# ebm: ignore[collapse]",
    "unknown names": "cost c{0} = sq(y - nobody{0})",
    "wrong shapes": "cost c{0} = sq(y - W)",
    "broken statements": "cost c{0} = sq(y))",
    "unknown keywords": "csot c{0} = sq(y)",
    "duplicates": "let a = y",
    "open brackets": "cost c{0} = sq(",
}
SIZES = (1_000, 5_000, 20_000)
BUDGET = 2.0
"""How much more a line may cost in the longest program than in the shortest."""


def program(kind: str, lines: int) -> str:
    """Return a program with this many lines of a kind."""
    return HEAD + "".join(f"{LINES[kind].format(n)}\n" for n in range(lines)) + TAIL


def one_line(lines: int) -> str:
    """Return a program with so many terms on one line, and as many mistakes."""
    return HEAD + " ".join(f"cost c{n} = sq(y))" for n in range(lines)) + "\n" + TAIL


def check(text: str) -> None:
    """Find every mistake, and write them."""
    compilation = Compilation(Source("long.ebm", text))
    _ = compilation.model
    show(compilation.diagnostics)


def fmt(text: str) -> None:
    """Lay a program out, if it can be read."""
    source = Source("long.ebm", text)
    file, found = parse(source)
    if file is not None and found.ok:
        format_file(file, source)


def _seconds(work: Callable[[str], None], text: str) -> float:
    start = process_time()
    work(text)
    return process_time() - start


def main() -> int:
    """Print one row per kind of line; fail where long programs cost more than their length."""
    texts = {kind: [program(kind, size) for size in SIZES] for kind in LINES}
    texts["one line"] = [one_line(size) for size in SIZES]
    check(texts["terms"][0])
    over = False
    for name, work in (("check", check), ("fmt", fmt)):
        for kind, sized in texts.items():
            costs = [
                _seconds(work, text) / size for size, text in zip(SIZES, sized, strict=True)
            ]
            ratios = [cost / costs[0] for cost in costs[1:]]
            over |= max(ratios) > BUDGET
            row = " ".join(f"{ratio:.2f} x" for ratio in ratios)
            verdict = "OVER" if max(ratios) > BUDGET else "ok"
            print(f"{name} {kind:<18} {row} (budget {BUDGET}) {verdict}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
