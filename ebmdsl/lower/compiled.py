"""Steps of a solver as one compiled graph, checked against the plain steps, never trusted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, final

import torch

from ebmdsl._record import record
from ebmdsl.lower.unrolling import advanced

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from ebmdsl.concepts.kinds import Solver
    from ebmdsl.lower.objective import Objective

    Backend = str | Callable[..., Any]
    Tell = Callable[[str], None]

AGREES = {torch.float32: 1e-4, torch.float64: 1e-9}


@final
@record
class Attempt:
    """What came of compiling some steps on blocks of a size: graphs, or why there are none.

    `difference` is the largest one from the plain steps on the first block, relative.
    """

    solver: str
    steps: int
    rows: int
    graphs: int = 0
    difference: float | None = None
    reason: str = ""

    @property
    def used(self) -> bool:
        """Whether the compiled steps are taken from then on."""
        return not self.reason

    def text(self) -> str:
        """Say it in one line."""
        what = f"{self.steps} steps of `{self.solver}` on {self.rows} samples"
        if self.used:
            return f"compiled {what}: one graph, {self.difference:.0e} from the plain steps"
        return f"not compiled, {what}: {self.reason}"


@final
class Compiled:
    """Takes steps of solvers in one graph for each solver, number of steps and block size.

    The first block of each is computed both ways. Where there is no single graph, where the
    backend fails, or where the results disagree, the plain steps go on, and `attempts` say so.
    """

    def __init__(self, backend: Backend = "inductor", *, tell: Tell | None = None) -> None:
        self.backend, self.tell, self.attempts = backend, tell, list[Attempt]()
        self._known: dict[tuple[Any, ...], Any] = {}

    def __call__(self, solver: Solver, objective: Objective, *, state: Any, steps: int) -> Any:
        """Return the state after some steps."""
        key = (solver, steps, type(objective.smooth_part), *map(_kind, state))
        if key not in self._known:
            return self._first(key, solver, objective=objective, state=state)
        run = self._known[key]
        if run is None:
            return advanced(solver, objective, state=state, steps=steps)
        try:
            return run(objective, state)
        except Exception as error:
            self._known[key] = None
            self._report(solver, steps, state=state, reason=_reason(error))
            return advanced(solver, objective, state=state, steps=steps)

    def _first(
        self, key: tuple[Any, ...], solver: Solver, *, objective: Objective, state: Any
    ) -> Any:
        """Compute both ways, and choose."""
        steps: int = key[1]
        plain = advanced(solver, objective, state=state, steps=steps)
        counted = _Counted(self.backend)

        def run(objective: Objective, state: Any) -> Any:
            return advanced(solver, objective, state=state, steps=steps)

        compiled = torch.compile(run, backend=counted, fullgraph=True, dynamic=False)
        self._known[key] = None
        try:
            found = compiled(objective, state)
        except Exception as error:
            self._report(solver, steps, state=state, reason=_reason(error))
            return plain
        far = _difference(plain, found)
        reason = _doubt(far, graphs=counted.graphs, state=state)
        self._known[key] = None if reason else compiled
        rows = state[0].shape[0]
        self._say(Attempt(solver.word, steps, rows, counted.graphs, far, reason))
        return plain

    def _report(self, solver: Solver, steps: int, *, state: Any, reason: str) -> None:
        self._say(Attempt(solver.word, steps, state[0].shape[0], reason=reason))

    def _say(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        if self.tell is not None:
            self.tell(attempt.text())


@final
class _Counted:
    """A backend that counts the graphs it is given: none means that nothing was compiled."""

    def __init__(self, backend: Backend) -> None:
        self.compile: Any = _found(backend) if isinstance(backend, str) else backend
        self.graphs = 0

    def __call__(self, graph: Any, example: Any) -> Any:
        self.graphs += 1
        return self.compile(graph, example)


def _found(backend: str) -> Any:
    """Return a backend by name; what compiles is loaded when it is first asked for."""
    registry: Any = import_module("torch._dynamo.backends.registry")
    return registry.lookup_backend(backend)


def _kind(x: Tensor) -> tuple[Any, ...]:
    return (*x.shape, x.dtype, x.device)


def _difference(plain: Any, found: Any) -> float:
    """Return the largest difference of two states, relative to the largest entry of each."""
    far = 0.0
    for one, other in zip(plain, found, strict=True):
        if one.numel() and one.is_floating_point():
            scale = one.abs().max().clamp_min(1)
            far = max(far, float((one - other).abs().max() / scale))
        elif not torch.equal(one, other):
            far = float("inf")
    return far


def _doubt(far: float, *, graphs: int, state: Any) -> str:
    if graphs != 1:
        return f"there are {graphs} graphs, not one"
    limit = min(AGREES.get(x.dtype, 0) for x in state if x.is_floating_point())
    if not far <= limit:
        return f"the compiled steps are {far:.0e} away from the plain ones"
    return ""


def _reason(error: Exception) -> str:
    """Return what went wrong in a line: backends say it below their own name."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    inner = getattr(cause, "inner_exception", cause)
    lines = str(inner).strip().splitlines()
    return lines[0] if lines else type(inner).__name__
