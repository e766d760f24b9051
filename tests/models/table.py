"""Train and judge every model of `models/`, several seeds, two at a time: `make models`.

A result is kept until the program, the settings or the code change. The table has one line
for every condition that a file expects: what was measured with each seed, the worst of them
against the bar, and how long training took.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from rich.console import Console
from rich.table import Table

from ebmdsl.compilation import Compilation
from ebmdsl.runtime.identity import program_text
from ebmdsl.source.text import Source

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "runs" / "models"
WORKERS = 2
LIMIT = 3600


@final
@dataclass(frozen=True, slots=True)
class Job:
    """One training: a program and a seed."""

    path: Path
    seed: int

    @property
    def name(self) -> str:
        """Return the file's name without its ending."""
        return self.path.stem

    @property
    def folder(self) -> Path:
        """Return where runs of this seed lie, shared by programs that use one another."""
        return KEPT / f"seed{self.seed}"

    def kept(self) -> Path:
        """Return where the result of exactly this program, seed and code is kept."""
        text = f"{_written(self.path)}\n{self.seed}\n{code()}"
        return KEPT / f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"


def code() -> str:
    """Hash everything that a result depends on besides the program."""
    seen = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for path in sorted((ROOT / "ebmdsl").rglob("*.py")):
        seen.update(path.read_bytes())
    return seen.hexdigest()


def _compiled(path: Path) -> Compilation:
    return Compilation(Source(str(path), path.read_text("utf-8")))


def _written(path: Path) -> str:
    """Return a program with what it extends, and with the programs that it uses."""
    compilation = _compiled(path)
    used = () if compilation.model is None else compilation.model.used
    inside = [_written(path.parent / each.path) for each in used]
    return "\n".join([program_text(compilation), *inside])


def depth(path: Path) -> int:
    """Count how many programs have to be trained before this one, one after the other."""
    model = _compiled(path).model
    used = () if model is None else model.used
    return max((1 + depth(path.parent / each.path) for each in used), default=0)


def run(job: Job) -> dict[str, Any]:
    """Train and evaluate, or read what is kept."""
    kept = job.kept()
    if kept.is_file():
        return json.loads(kept.read_text("utf-8"))
    begun = time.monotonic()
    trained = _ebmc("train", str(job.path), job, options=("--seed", str(job.seed), "-q"))
    seconds = time.monotonic() - begun
    measured = _ebmc("eval", str(job.path), job, options=("--format", "json"))
    found = {
        "seconds": seconds,
        "measures": [],
        "error": trained.stderr if trained.returncode else "",
    }
    if measured.stdout.startswith("{"):
        found["measures"] = json.loads(measured.stdout)["measures"]
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found), "utf-8")
    else:
        found["error"] = found["error"] or measured.stderr
    return found


def _ebmc(
    command: str, target: str, job: Job, *, options: Iterable[str]
) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "ebmdsl", command, target, "--out", str(job.folder)]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*arguments, *options],
        capture_output=True,
        text=True,
        check=False,
        env=one_thread,
        timeout=LIMIT,
        cwd=ROOT,
    )


def table(results: dict[Job, dict[str, Any]]) -> tuple[Table, bool]:
    """Return one line for every expectation, and whether all of them hold."""
    made = Table(box=None, header_style="bold")
    for column in ("model", "expects", "measured, seed by seed", "worst", "seconds"):
        made.add_column(column)
    fine = True
    for path in dict.fromkeys(job.path for job in results):
        own = [result for job, result in results.items() if job.path == path]
        rows, holds = _lines(own)
        fine = fine and holds
        for number, row in enumerate(rows):
            made.add_row(path.stem if number == 0 else "", *row)
    return made, fine


def _lines(results: list[dict[str, Any]]) -> tuple[list[tuple[str, str, str, str]], bool]:
    seconds = " ".join(f"{result['seconds']:.0f}" for result in results)
    errors = [result["error"].strip() for result in results if result["error"]]
    if errors:
        return [("", errors[0].splitlines()[0], "failed", seconds)], False
    columns = [[m for m in one["measures"] if m["kind"] == "expect"] for one in results]
    rows = [_row(list(same), seconds) for same in zip(*columns, strict=True)]
    holds = all(measure["holds"] for column in columns for measure in column)
    return rows or [("(nothing)", "", "", seconds)], holds


def _row(same: list[dict[str, Any]], seconds: str) -> tuple[str, str, str, str]:
    values = [_number(measure) for measure in same]
    failed = [v for v, measure in zip(values, same, strict=True) if not measure["holds"]]
    return same[0]["text"], " ".join(values), f"✗ {failed[0]}" if failed else "✓", seconds


def _number(measure: dict[str, Any]) -> str:
    value = measure["value"]
    values = value if isinstance(value, list) else [value]
    return ",".join(f"{x:.4g}" for x in values) or ("holds" if measure["holds"] else "fails")


def main(arguments: list[str]) -> int:
    """Run the models that are named, or all of them, with `SEEDS` seeds (1)."""
    wanted = [path.resolve() for path in map(Path, arguments)]
    paths = wanted or sorted((ROOT / "models").rglob("*.ebm"))
    seeds = range(int(os.environ.get("SEEDS", "1")))
    levels: dict[int, list[Job]] = {}
    for path in paths:
        levels.setdefault(depth(path), []).extend(Job(path, seed) for seed in seeds)
    results: dict[Job, dict[str, Any]] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        for level in sorted(levels):
            results |= dict(zip(levels[level], pool.map(run, levels[level]), strict=True))
    made, fine = table(
        {job: results[job] for job in sorted(results, key=lambda j: (j.path, j.seed))}
    )
    Console(width=160).print(made)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
