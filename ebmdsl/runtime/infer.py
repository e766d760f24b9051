"""Inference on given samples: codes, energies, certificates, and how each search ended."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from ebmdsl.concepts.shape import show
from ebmdsl.runtime.directory import write_whole
from ebmdsl.runtime.errors import RefusedError, RunError
from ebmdsl.runtime.evaluate import TOLERANCE, Found, find_latents
from ebmdsl.runtime.samples import DTYPES, Samples

if TYPE_CHECKING:
    from torch import Tensor

    from ebmdsl.check.model import Declared
    from ebmdsl.runtime.trained import Trained

Arrays = Mapping[str, NDArray[Any]]


def infer(model: Trained, given: Arrays | None = None, *, tol: float = TOLERANCE) -> Found:
    """Find the latents of given samples, or of the test split where none are given."""
    if given is None:
        return find_latents(model.module, model.sources.samples("test"), tol=tol)
    return find_latents(model.module, samples_of(model, given), tol=tol)


def samples_of(model: Trained, given: Arrays) -> Samples:
    """Check arrays against the declared variables; random ones may be left out."""
    wanted = model.plan.model.with_role("given", "observed")
    random = model.plan.model.with_role("random")
    known = {each.name for each in (*wanted, *random)}
    extra = sorted(given.keys() - known)
    if extra:
        listed = ", ".join(sorted(known))
        raise RunError(f"`{extra[0]}` is no variable of the model; it has {listed}")
    kind = DTYPES[model.settings.precision]
    variables = {each.name: _checked(each, given, kind=kind) for each in wanted}
    counts = {name: len(x) for name, x in variables.items()}
    if len(set(counts.values())) > 1:
        raise RunError(f"the arrays have different numbers of samples: {counts}")
    count = next(iter(counts.values()), 1)
    noise = model.sources.noise(count, step=0)
    noise |= {
        each.name: _checked(each, given, kind=kind) for each in random if each.name in given
    }
    return Samples({**variables, **noise}, {}, count)


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


def arrays_of(found: Found) -> dict[str, NDArray[Any]]:
    """Name the arrays of an answer: latents, `F`, `term.NAME`, and how far it is proved."""
    arrays = {name: x.cpu().numpy() for name, x in found.latents.items()}
    arrays["F"] = found.energy.cpu().numpy()
    arrays |= {f"term.{name}": x.cpu().numpy() for name, x in found.terms.items()}
    arrays["certificate"] = found.certificate.cpu().numpy()
    arrays["status"] = found.status.cpu().numpy()
    arrays["steps"] = found.steps.cpu().numpy()
    return arrays


def read_arrays(path: Path, *, only: str) -> dict[str, NDArray[Any]]:
    """Read an `.npz`, or an `.npy` of the one variable `only`; nothing in it can run."""
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {only: loaded}
        with loaded:
            return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError:
        raise RunError(f"{path} does not exist") from None
    except (ValueError, EOFError, zipfile.BadZipFile):
        raise RefusedError(f"{path} is not a plain array file (.npz or .npy)") from None
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror}") from None


def write_arrays(path: Path, arrays: Arrays) -> None:
    """Write an `.npz` at once."""
    held = io.BytesIO()
    np.savez_compressed(held, allow_pickle=False, **arrays)
    try:
        write_whole(path, held.getvalue())
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from None
