"""A diagram as SVG, PNG or PDF: laid out and drawn by Graphviz in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from time import gmtime, strftime
from typing import TYPE_CHECKING, Any, Literal, final

from ebmdsl.render.dot import dot
from ebmdsl.render.marks import header, legend, marks

if TYPE_CHECKING:
    from ebmdsl.render.diagram import Diagram

Form = Literal["svg", "png", "pdf"]

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""
_FAMILIES = {
    "DejaVu Serif Italic": 'font-family="DejaVu Serif, Georgia, serif" font-style="italic"',
    "DejaVu Sans Bold": 'font-family="DejaVu Sans, Verdana, sans-serif" font-weight="bold"',
    "DejaVu Sans": 'font-family="DejaVu Sans, Verdana, sans-serif"',
}
_PAINT = Path(__file__).with_name("paint.py")
_PATIENCE = 120.0


@final
class PictureError(Exception):
    """No picture could be drawn; the message says why and what to do."""


def picture(diagram: Diagram, form: Form) -> bytes:
    """Draw a diagram; the same diagram gives the same bytes of SVG."""
    if find_spec("pygraphviz") is None:
        raise PictureError(
            "pictures need `pygraphviz`: install it with `pip install pygraphviz`, "
            "or draw the DOT text of `ebmc graph` with another tool"
        )
    drawn = _painted(json.dumps(request(diagram, form)))
    match form:
        case "svg":
            return _tidied(drawn)
        case "pdf":
            return _dated(drawn)
        case "png":
            return drawn


def request(diagram: Diagram, form: str) -> dict[str, Any]:
    """Say what `paint` is to draw."""
    return {
        "dot": dot(diagram),
        "format": form,
        "dpi": 144 if form == "png" else 72,
        "marks": [asdict(mark) for mark in marks(diagram)],
        "header": [asdict(line) for line in header(diagram)],
        "legend": [asdict(entry) for entry in legend(diagram)],
    }


def _painted(asked: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="ebmc-fonts-") as folder:
        done = _run(asked, os.environ | _font_settings(Path(folder)))
    if done.returncode or not done.stdout:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise PictureError(f"Graphviz could not draw the diagram: {''.join(last)}")
    return done.stdout


def _run(asked: str, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            [sys.executable, "-P", str(_PAINT)],
            input=asked.encode(),
            capture_output=True,
            check=False,
            env=environment,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise PictureError(f"Graphviz took more than {_PATIENCE:g} s to draw it") from error


def _font_settings(folder: Path) -> dict[str, str]:
    """Point fontconfig at the fonts that come with matplotlib: the same on every machine."""
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return {}
    fonts = Path(package.origin).parent / "mpl-data" / "fonts" / "ttf"
    path = folder / "fonts.conf"
    path.write_text(_FONTS.format(fonts=fonts, cache=folder / "cache"), encoding="utf-8")
    return {"FONTCONFIG_FILE": str(path)}


def _tidied(svg: bytes) -> bytes:
    """Name fonts as browsers know them, with others to fall back on; unname the marks."""
    text = re.sub(r"<title>(?:mark|header|swatch|words) \d+</title>\n", "", svg.decode())
    for name, families in _FAMILIES.items():
        text = text.replace(f'font-family="{name}"', families)
    return text.encode()


def _dated(pdf: bytes) -> bytes:
    """Put the date of SOURCE_DATE_EPOCH into a PDF; it is as long as the date it replaces."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch.isdigit():
        return pdf
    stamp = strftime("%Y%m%d%H%M%S", gmtime(int(epoch))).encode()
    return re.sub(rb"(?<=/CreationDate \(D:)\d{14}(?=Z\))", stamp, pdf)
