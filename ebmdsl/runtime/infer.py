"""Inference on given samples: codes, energies, certificates, and how each search ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ebmdsl.concepts.shape import show
from ebmdsl.runtime.errors import RunError
from ebmdsl.runtime.evaluate import TOLERANCE, Found, find_latents
from ebmdsl.runtime.predict import Predictor
from ebmdsl.runtime.samples import DTYPES, Samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ebmdsl.check.model import Declared
    from ebmdsl.lower.predicting import Answers
    from ebmdsl.runtime.trained import Trained

Arrays = Mapping[str, NDArray[Any]]


@final
@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of a trained model: samples by name, and what of them is not known.

    `given` is None for the test split. An observed variable that is found by a `predict` may
    be left out, hold NaN, be named in `find`, or have a mask: 1 where it is not known.
    """

    given: Arrays | None = None
    masks: Arrays = field(default_factory=dict[str, NDArray[Any]])
    find: tuple[str, ...] = ()
    first: int | None = None


@final
@dataclass(frozen=True, slots=True)
class Inferred:
    """The answer to a query: latents and energies, and every distinct answer that was found."""

    found: Found
    answers: tuple[Answers, ...] = ()

    @property
    def status(self) -> Tensor:
        """How the search for each sample ended, the worst of all, [n]."""
        return torch.stack([self.found.status, *(a.status[:, 0] for a in self.answers)]).amax(0)

    @property
    def certificate(self) -> Tensor:
        """How far each sample is proved, the worst of all, [n]."""
        known = (answer.certificate[:, 0] for answer in self.answers)
        return torch.stack([self.found.certificate, *known]).amax(0)


def infer(model: Trained, query: Query | None = None, *, tol: float = TOLERANCE) -> Inferred:
    """Find what is not known of samples, then their latents."""
    asked = Query() if query is None else query
    samples, unknown = samples_of(model, asked)
    answers = tuple(_answered(model, samples, unknown=unknown, tol=tol))
    best = {name: x for answer in answers for name, x in answer.best.items()}
    filled = {
        name: best[name].to(x.dtype) if name in best else x
        for name, x in samples.variables.items()
    }
    policy, known = model.settings.on_failure, replace(samples, variables=filled)
    found = find_latents(model.module, known, tol=tol, policy=policy)
    return Inferred(found, answers)


def _answered(
    model: Trained, samples: Samples, *, unknown: Mapping[str, Tensor], tol: float
) -> Iterator[Answers]:
    """Answer what is asked by the one statement that can."""
    if not unknown:
        return
    yield Predictor(model.module).answers(samples, unknown, tol=tol)


def samples_of(model: Trained, query: Query) -> tuple[Samples, dict[str, Tensor]]:
    """Check a query against the declared variables; return samples and what is not known."""
    if query.given is None:
        samples = model.sources.samples("test").chunk(slice(query.first))
        marks = {name: samples.variables[name] for name in _findable(model)}
        return samples, _marked(query, marks, nan={})
    given, nan = _without_nan(model, query.given)
    samples = _read(model, given).chunk(slice(query.first))
    marks = {name: samples.variables[name] for name in _findable(model)}
    missing = {name: np.ones((), dtype=bool) for name in marks if name not in query.given}
    return samples, _marked(query, marks, nan={**nan, **missing})


def _findable(model: Trained) -> tuple[str, ...]:
    return tuple(name for step in model.plan.predictions for name in step.wanted)


def _without_nan(model: Trained, given: Arrays) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split arrays of what can be found into numbers and the places where there are none."""
    nan = {
        name: np.isnan(given[name])
        for name in _findable(model)
        if name in given and given[name].dtype.kind == "f" and bool(np.isnan(given[name]).any())
    }
    filled = {
        name: np.where(nan[name], 0, x) if name in nan else x for name, x in given.items()
    }
    return filled, nan


def _marked(
    query: Query, like: Mapping[str, Tensor], *, nan: Mapping[str, Any]
) -> dict[str, Tensor]:
    """Put together what is not known: asked for by name, by mask, or left out."""
    for name in (*query.find, *query.masks):
        if name not in like:
            known = ", ".join(like) or "nothing"
            reason = f"no statement finds `{name}`; the model can find {known}"
            raise RunError(f"{reason}; write `predict {name} by minimize`")
    everything = {name: np.ones((), dtype=bool) for name in query.find}
    masks = [everything, {n: x != 0 for n, x in query.masks.items()}, nan]
    found: dict[str, Tensor] = {}
    for name, x in like.items():
        own = [_fitting(mask[name], x, name=name) for mask in masks if name in mask]
        if own:
            found[name] = torch.stack(own).any(0)
    return found


def _fitting(mask: NDArray[Any], x: Tensor, *, name: str) -> Tensor:
    """Return a mask with a place for each entry; one sample's serves all."""
    marks = torch.from_numpy(np.ascontiguousarray(mask))
    if marks.dim() == x.dim() and len(marks) > len(x):
        marks = marks[: len(x)]
    try:
        return marks.expand(x.shape)
    except RuntimeError:
        shape = list(mask.shape)
        raise RunError(
            f"the mask of `{name}` is {shape}; its values are {list(x.shape)}"
        ) from None


def _read(model: Trained, given: Arrays) -> Samples:
    """Check arrays against the declared variables; random and found ones may be left out."""
    wanted = model.plan.model.with_role("given", "observed")
    random = model.plan.model.with_role("random")
    known = {each.name for each in (*wanted, *random)}
    extra = sorted(given.keys() - known)
    if extra:
        listed = ", ".join(sorted(known))
        raise RunError(f"`{extra[0]}` is no variable of the model; it has {listed}")
    kind = DTYPES[model.settings.precision]
    here = [each for each in wanted if each.name in given or each.name not in _findable(model)]
    variables = {each.name: _checked(each, given, kind=kind) for each in here}
    counts = {name: len(x) for name, x in variables.items()}
    if len(set(counts.values())) > 1:
        raise RunError(f"the arrays have different numbers of samples: {counts}")
    count = next(iter(counts.values()), 1)
    variables |= {
        each.name: _blank(each, count, kind=kind) for each in wanted if each not in here
    }
    noise = model.sources.noise(count, step=0, values=variables)
    noise |= {
        each.name: _checked(each, given, kind=kind) for each in random if each.name in given
    }
    return Samples({**variables, **noise}, {}, count)


def _blank(declared: Declared, count: int, *, kind: torch.dtype) -> Tensor:
    """Return samples of a variable that is to be found, with nothing in them."""
    counted = declared.quantity.domain.name == "token"
    return torch.zeros((count, *declared.whole), dtype=torch.int64 if counted else kind)


def _checked(declared: Declared, given: Arrays, *, kind: torch.dtype) -> Tensor:
    name = declared.name
    if name not in given:
        raise RunError(f"`{name}` is missing: the model needs {_wanted(declared)}")
    x = given[name]
    own = (*(plate.size for plate in declared.plates), *declared.shape)
    if x.shape == own:
        x = x[None]
    if x.shape[1:] != own or x.ndim != len(own) + 1:
        raise RunError(f"`{name}` is {list(x.shape)}; the model needs {_wanted(declared)}")
    if x.dtype.kind not in "fiub":
        raise RunError(f"`{name}` holds {x.dtype}, not numbers")
    if declared.quantity.domain.name == "token":
        return torch.from_numpy(x.astype(np.int64))
    return _in_domain(declared, torch.from_numpy(x.astype(np.float64)).to(kind))


def _in_domain(declared: Declared, x: Tensor) -> Tensor:
    domain = declared.quantity.domain
    if bool(x.isnan().any()):
        row = int(x.reshape(len(x), -1).isnan().any(-1).nonzero()[0])
        raise RunError(f"`{declared.name}`: sample {row} holds NaN")
    if x.numel() and not domain.low <= float(x.min()) <= float(x.max()) <= domain.high:
        span = f"from {float(x.min()):g} to {float(x.max()):g}"
        raise RunError(f"`{declared.name}` is {domain.name}, but its entries go {span}")
    return x


def _wanted(declared: Declared) -> str:
    own = (*(plate.size for plate in declared.plates), *declared.shape)
    return f"n samples of {show(own)}"


def arrays_of(inferred: Inferred) -> dict[str, NDArray[Any]]:
    """Name the arrays of an answer: what was found, `F`, `term.NAME`, and how far it is proved.

    Where a search has several distinct answers, `minima.NAME` holds them, [n, k, ...], best
    first, and `minima.F` their energies, infinite where a sample has fewer.
    """
    found = inferred.found
    held = {name: x for answer in inferred.answers for name, x in answer.values.items()}
    arrays = {name: _plain(found.values[name]) for name in held}
    arrays |= {name: _plain(x) for name, x in found.latents.items()}
    arrays["F"] = _plain(found.energy)
    arrays |= {f"term.{name}": _plain(x) for name, x in found.terms.items()}
    for answer in inferred.answers:
        if answer.energy.shape[1] > 1:
            arrays |= {f"minima.{name}": _plain(x) for name, x in answer.values.items()}
            arrays["minima.F"] = _plain(answer.energy)
    arrays["certificate"] = _plain(inferred.certificate)
    arrays["status"] = _plain(inferred.status)
    arrays["steps"] = _plain(found.steps)
    return arrays


def _plain(x: Tensor) -> NDArray[Any]:
    return x.detach().cpu().numpy()
