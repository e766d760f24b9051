"""The run directory: always whole, whatever interrupts the run."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, final

from pydantic import BaseModel, ValidationError

from ebmdsl.runtime.config import Manifest, RunSettings
from ebmdsl.runtime.errors import RefusedError, RunError

Read = TypeVar("Read", bound=BaseModel)
LARGEST = 1024 * 1024
_HEADER = re.compile(r"^\s*model\s+(\w+)", re.MULTILINE)
_ID = re.compile(r"[\w.-]+")


@final
@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Where everything about one run lies; its name is the run's id."""

    path: Path

    @property
    def id(self) -> str:
        """The name of the run."""
        return self.path.name

    @property
    def program(self) -> Path:
        """The program, with everything that it extends written in."""
        return self.path / "model.ebm"

    @property
    def weights(self) -> Path:
        """The last weights, with the program in their metadata: this is what is shared."""
        return self.path / "weights.safetensors"

    @property
    def metrics(self) -> Path:
        """The numbers of every step and epoch, one JSON object a line."""
        return self.path / "metrics.jsonl"

    @property
    def state(self) -> Path:
        """Whatever is needed to go on: the optimizer, the position, the fitted transforms."""
        return self.path / "state"

    @property
    def report(self) -> Path:
        """The pictures and the measured numbers."""
        return self.path / "report"

    @property
    def manifest(self) -> Manifest:
        """What ran and how it ended."""
        return read_model(Manifest, self.path / "run.json")

    @property
    def settings(self) -> RunSettings:
        """The settings it ran with."""
        return read_model(RunSettings, self.path / "settings.json")

    def record(self, manifest: Manifest) -> None:
        """Replace the manifest."""
        write_whole(self.path / "run.json", manifest.model_dump_json(indent=2) + "\n")


def create(out: Path, name: str, *, fill: Callable[[RunDirectory], None]) -> RunDirectory:
    """Make the next `<name>-<n>` under `out`: filled out of sight, then renamed."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=out, prefix=f".{name}."))
    except OSError as error:
        raise RunError(f"cannot write runs into {out}: {error.strerror}") from None
    try:
        number = 1 + max((_number(path, name) for path in out.iterdir()), default=0)
        fill(RunDirectory(draft))
        draft.chmod(0o755)
        return RunDirectory(_placed(draft, out, pattern=f"{name}-{{}}", number=number))
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _number(path: Path, name: str) -> int:
    found = re.fullmatch(rf"{re.escape(name)}-(\d+)", path.name)
    return int(found.group(1)) if found else 0


def _placed(draft: Path, out: Path, *, pattern: str, number: int) -> Path:
    """Rename the draft to the first free number, though others may be claiming them too."""
    while not _claimed(draft, out / pattern.format(number)):
        number += 1
    return out / pattern.format(number)


def _claimed(draft: Path, target: Path) -> bool:
    """Rename a draft; tell whether its new name was still free."""
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
        return False
    return True


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and rename it, so that nobody ever sees half of it."""
    data = content.encode() if isinstance(content, str) else content
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    Path(draft).chmod(0o644)
    Path(draft).replace(path)


def read_model(kind: type[Read], path: Path) -> Read:
    """Read one of our JSON files; what is not as we wrote it is refused."""
    try:
        if path.stat().st_size > LARGEST:
            raise RefusedError(f"{path} is larger than anything a run writes there")
        return kind.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise RunError(f"{path.parent} is not a run: {path.name} is missing") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise RefusedError(
            f"{path} is not what a run writes: {where}: {first['msg']}"
        ) from None


def find_run(argument: str, out: Path) -> RunDirectory:
    """Return the run that a directory, an id or a model file (its newest run) names."""
    path = Path(argument)
    if (path / "run.json").is_file():
        return RunDirectory(path)
    if path.suffix == ".ebm" and path.is_file():
        return _newest(path, out)
    if _ID.fullmatch(argument) and (out / argument / "run.json").is_file():
        return RunDirectory(out / argument)
    if path.is_dir():
        raise RunError(f"{path} is not a run: it has no run.json")
    raise RunError(f"there is no run `{argument}`{_known(out)}")


def runs(out: Path) -> list[RunDirectory]:
    """List the runs under a folder, the newest last."""
    found = [
        path.parent for path in out.glob("*/run.json") if not path.parent.name.startswith(".")
    ]
    return [RunDirectory(path) for path in sorted(found, key=_age)]


def _age(path: Path) -> tuple[float, int]:
    number = path.name.rpartition("-")[2]
    return (path / "run.json").stat().st_mtime, int(number) if number.isdigit() else 0


def _newest(file: Path, out: Path) -> RunDirectory:
    header = _HEADER.search(file.read_text("utf-8", errors="replace"))
    name = header.group(1) if header else file.stem
    for run in reversed(runs(out)):
        manifest = run.manifest
        done = manifest.model == name and manifest.status == "finished"
        if done and not run.settings.smoke:
            return run
    raise RunError(f"{file} has no finished run in {out}; make one: ebmc train {file}")


def _known(out: Path) -> str:
    found = [run.id for run in runs(out)][-3:]
    return f"; there is {', '.join(found)}" if found else f"; {out} holds no runs"
