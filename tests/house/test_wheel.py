"""The wheel carries the grammar: a model parses from it with the checkout out of sight."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.house.tree import ROOT

CODE = """
import sys
from pathlib import Path
import ebmdsl
from ebmdsl.source.text import Source
from ebmdsl.syntax.parse import parse
model = Path(sys.argv[1])
file, diagnostics = parse(Source("model.ebm", model.read_text("utf-8")))
assert file is not None and not diagnostics.errors
print(Path(ebmdsl.__file__).parent)
"""


def test_a_model_parses_from_the_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path]
    built = subprocess.run([*build, ROOT], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(unpacked)
    assert (unpacked / "ebmdsl" / "_grammar" / "ebm.lark").exists()
    assert not list(unpacked.glob("tests"))
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(ROOT / "models" / "sparse_coding.ebm")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked), "XDG_CACHE_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == unpacked / "ebmdsl"
