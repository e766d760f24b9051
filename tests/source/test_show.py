"""Code frames, to the character."""

from __future__ import annotations

import json
import re

import pytest

from ebmdsl.source.diagnostic import Diagnostic, Fix, Label
from ebmdsl.source.show import Format, show
from ebmdsl.source.text import Source, Span

PSD = Source(
    "psd.ebm",
    """model psd
data digs = digits()



  observed y : real[64]


  net Enc = linear(128)
  net Dec = linear(784)



  cost recon = sq(y - Dec(z))
  regularizer sparse = 0.1 * l1(z)
""",
)


def at(text: str, source: Source = PSD) -> Span:
    start = source.text.index(text)
    return source.span(start, start + len(text))


MISMATCH = Diagnostic(
    "shape-mismatch",
    "error",
    message="`Dec(z)` has 784 features but `y` has 64",
    span=at("Dec(z)"),
    text="expected [N, 64], found [N, 784]",
    labels=(Label(at("real[64]"), "`y` is [N, 64]"), Label(at("784"), "this gives 784")),
    notes=("`y` takes its 64 from data `digs` (8 x 8), psd.ebm:2:1",),
    help="make the decoder's output match `y`",
    fix=Fix(at("784"), "64", safe=False),
)
GAIN = Diagnostic(
    "unbounded-gain",
    "warning",
    message="`l1(z)` can be driven to zero by growing `Dec`",
    span=at("l1(z)"),
    text="scale of `z` is free",
    help="add `with unit_columns`",
)
FRAME = """\
error[shape-mismatch]: `Dec(z)` has 784 features but `y` has 64
  --> psd.ebm:14:23
   |
 6 |   observed y : real[64]
   |                -------- `y` is [N, 64]
   :
10 |   net Dec = linear(784)
   |                    --- this gives 784
   :
14 |   cost recon = sq(y - Dec(z))
   |                       ^^^^^^ expected [N, 64], found [N, 784]
   |
note: `y` takes its 64 from data `digs` (8 x 8), psd.ebm:2:1
help: make the decoder's output match `y`              (review it: --unsafe-fixes)
   |
10 |   net Dec = linear(64)
   |                    ~~

warning[unbounded-gain]: `l1(z)` can be driven to zero by growing `Dec`
  --> psd.ebm:15:30
   |
15 |   regularizer sparse = 0.1 * l1(z)
   |                              ^^^^^ scale of `z` is free
   |
help: add `with unit_columns`

psd.ebm: 1 error, 1 warning (1 fixable)    ebmc explain shape-mismatch
"""


def test_frames_look_like_the_design() -> None:
    assert show([MISMATCH, GAIN]) == FRAME


def test_color_adds_nothing_but_color() -> None:
    colored = show([MISMATCH, GAIN], color=True)
    assert colored != FRAME
    assert re.sub("\x1b\\[[0-9;]*m", "", colored) == FRAME


def test_nothing_is_shown_of_nothing() -> None:
    assert [show([], kind) for kind in ("human", "short", "github")] == ["", "", ""]
    assert json.loads(show([], "json"))["valid"] is True


def test_short_is_one_line_each() -> None:
    assert show([MISMATCH, GAIN], "short").splitlines() == [
        f"psd.ebm:14:23: error[shape-mismatch]: {MISMATCH.message}",
        f"psd.ebm:15:30: warning[unbounded-gain]: {GAIN.message}",
    ]


def test_json_has_all_of_it() -> None:
    data = json.loads(show([MISMATCH, GAIN], "json"))
    assert (data["format_version"], data["error_count"], data["warning_count"]) == ("1.0", 1, 1)
    first = data["diagnostics"][0]
    assert data["fixable_count"] == 1
    assert first["span"] == {
        "file": "psd.ebm",
        "line": 14,
        "column": 23,
        "end_line": 14,
        "end_column": 29,
    }
    assert [(one["span"]["line"], one["text"]) for one in first["labels"]] == [
        (6, "`y` is [N, 64]"),
        (10, "this gives 784"),
    ]
    assert (first["notes"], first["help"]) == (list(MISMATCH.notes), MISMATCH.help)
    assert (first["fix"]["replacement"], first["fix"]["applicability"]) == ("64", "unsafe")
    assert first["fix"]["span"]["end_column"] == 23
    assert first["rendered"] == FRAME.split("\n\n")[0]


def test_github_annotations_are_escaped() -> None:
    odd = Diagnostic("odd", "error", "50% of\nit", Source("a,b:c", "x").span(0, 1))
    place = "file=a%2Cb%3Ac,line=1,col=1,endLine=1,endColumn=2,title=odd"
    assert show([odd], "github") == f"::error {place}::50%25 of%0Ait"


def test_a_second_file_gets_its_own_frame() -> None:
    other = Source("other.ebm", "model other")
    one = Diagnostic("x", "error", "m", at("y"), labels=(Label(other.span(0, 5), "here"),))
    assert " ::: other.ebm:1:1" in show([one])


@pytest.mark.parametrize("form", ["human", "short", "json", "github"])
def test_hostile_text_is_shown_not_obeyed(form: Format) -> None:
    source = Source("a\x1b[2J", "x\x1b[31m\u202ey\x9b")
    one = Diagnostic(
        "x", "error", "m\x1b[0m\r", source.span(0, 3), text="\x07", help="\x1b]8;;"
    )
    shown = show([one], form)
    assert not any(code in shown for code in ("\x1b", "\x07", "\x9b"))
