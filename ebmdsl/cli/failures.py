"""What a command says, and how it exits, when it cannot go on."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from enum import IntEnum
from typing import final

import click

from ebmdsl import __version__


class Exit(IntEnum):
    """The exit codes of `ebmc`."""

    FINE = 0
    MODEL = 1
    USAGE = 2
    RUN = 3
    REFUSED = 4
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


@final
class StopError(Exception):
    """An end with one clear message and an exit code, no fault of the compiler."""

    def __init__(self, message: str, code: Exit) -> None:
        Exception.__init__(self, message)
        self.code = code


@final
class TerminatedError(BaseException):
    """The process was asked to end (SIGTERM)."""


@contextmanager
def termination_raises() -> Generator[None]:
    """Turn SIGTERM into an exception for a while, as Python does with SIGINT."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise_terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise_terminated(number: int, frame: object) -> None:
    raise TerminatedError(number, frame)


def report_failure(error: BaseException, ctx: click.Context) -> int:
    """Turn what escaped a command into a message; return the exit code."""
    match error:
        case StopError(code=code):
            return _say(str(error), code)
        case KeyboardInterrupt():
            return _say("interrupted", Exit.INTERRUPTED)
        case TerminatedError():
            return _say("terminated", Exit.TERMINATED)
        case MemoryError():
            return _say(f"out of memory {error}".rstrip(), Exit.RUN)
        case _ if code := _code_of_run(error):
            return _say(str(error), code)
        case SystemExit() | GeneratorExit() | BrokenPipeError():
            raise error
        case _:
            return _report_bug(error, verbose=bool(ctx.meta.get("verbose")))


def _code_of_run(error: BaseException) -> Exit | None:
    """Recognize what a run raises, without importing what it runs on."""
    errors = sys.modules.get("ebmdsl.runtime.errors")
    if errors is not None and isinstance(error, errors.RefusedError):
        return Exit.REFUSED
    if errors is not None and isinstance(error, errors.RunError):
        return Exit.RUN
    data = sys.modules.get("ebmdsl.std.fields")
    return Exit.RUN if data is not None and isinstance(error, data.MissingDataError) else None


def _say(message: str, code: Exit) -> int:
    click.echo(f"ebmc: {message}", err=True)
    return code


def _report_bug(error: BaseException, *, verbose: bool) -> int:
    import tempfile
    import traceback
    from hashlib import sha256
    from pathlib import Path

    trace = "".join(traceback.format_exception(error))
    digest = sha256(trace.encode()).hexdigest()[:8]
    path = Path(tempfile.gettempdir()) / f"ebmc-bug-{digest}.txt"
    path.write_text(f"ebmc {__version__}, Python {sys.version}\n{sys.argv}\n\n{trace}", "utf-8")
    if verbose:
        click.echo(trace, err=True, nl=False)
    return _say(
        f"this is a bug in the compiler, not in your model: {_first_line(error)}\n"
        f"  report: {path} (please send it; `-v` shows it here)",
        Exit.BUG,
    )


def _first_line(error: BaseException) -> str:
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__
