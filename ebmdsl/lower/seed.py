"""Streams of randomness: one per (seed, purpose, step), so nothing has to be remembered."""

from __future__ import annotations

import hashlib
from typing import final

import numpy as np
import torch

from ebmdsl._record import record


def key(seed: int, purpose: str, *, step: int) -> int:
    """Mix seed, purpose and step into 63 bits that any generator accepts."""
    text = f"{seed}/{purpose}/{step}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "little") >> 1


def stream(seed: int, purpose: str, *, step: int = 0) -> torch.Generator:
    """Return the torch generator of one purpose at one global step."""
    return torch.Generator().manual_seed(key(seed, purpose, step=step))


def numpy_stream(seed: int, purpose: str, *, step: int = 0) -> np.random.Generator:
    """Return the numpy generator of one purpose at one global step."""
    return np.random.Generator(np.random.Philox(key(seed, purpose, step=step)))


@final
@record
class Randomness:
    """Which random numbers a computation takes: those of one seed, at one global step."""

    seed: int = 0
    step: int = 0

    def stream(self, purpose: str) -> torch.Generator:
        """Return the torch generator of one purpose."""
        return stream(self.seed, purpose, step=self.step)
