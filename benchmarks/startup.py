"""What a cold command costs, as a ratio to importing click and lark in the same run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
MODEL = "models/sparse_coding.ebm"
EBMC = ["-m", "ebmdsl"]
BASE = ["-c", "import click, lark"]
ROWS: dict[str, tuple[list[str], float]] = {
    "check": ([*EBMC, "check", MODEL], 2.2),
    "fmt": ([*EBMC, "fmt", "--check", MODEL], 2.2),
    "plan": ([*EBMC, "plan", MODEL], 2.8),
}
ROUNDS = 15
# Byte code is kept, as in any installation; the first round writes it and is not counted.
SURROUNDINGS = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def cpu_seconds(words: list[str]) -> float:
    """Run Python with these words; return the CPU time of the process."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        env=SURROUNDINGS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    _, status, usage = os.wait4(process.pid, 0)
    assert process.stderr is not None
    assert status == 0, process.stderr.read().decode()
    process.stderr.close()
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Print one row per command; fail where one is over its budget."""
    measured: dict[str, list[float]] = {name: [] for name in ("base", *ROWS)}
    for words, _ in ROWS.values():
        cpu_seconds(words)
    for _ in range(ROUNDS):
        measured["base"].append(cpu_seconds(BASE))
        for name, (words, _) in ROWS.items():
            measured[name].append(cpu_seconds(words))
    base = median(measured["base"])
    print(f"import click, lark: {1000 * base:.0f} CPU-ms")
    over = False
    for name, (_, budget) in ROWS.items():
        ratio = median(measured[name]) / base
        over |= ratio > budget
        verdict = "OVER" if ratio > budget else "ok"
        print(f"{name:<6} {ratio:.2f} x (budget {budget}) {verdict}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
