"""The lazy handle: absent until used, then the very same torch."""

from __future__ import annotations

import subprocess
import sys

import torch as real

from ebmdsl._torch import torch


def test_importing_the_handle_imports_nothing() -> None:
    code = "import sys; from ebmdsl._torch import torch; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_attributes_are_those_of_torch() -> None:
    assert torch.relu is real.relu
    assert torch.nn.Module is real.nn.Module


def test_code_behind_the_handle_compiles_in_one_graph() -> None:
    def shrink(u: real.Tensor) -> real.Tensor:
        return torch.sign(u) * torch.relu(u.abs() - 1)

    compiled = real.compile(shrink, backend="eager", fullgraph=True)
    assert real.equal(compiled(real.tensor([-3.0, 0.5])), real.tensor([-2.0, 0.0]))
