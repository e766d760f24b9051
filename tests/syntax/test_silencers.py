"""Which lines a silencing comment is about, before and after the file is laid out."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation, diagnose
from ebmdsl.source.diagnostic import Diagnostics
from ebmdsl.source.fixes import applied
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from ebmdsl.syntax.parse import parse
from ebmdsl.syntax.silencers import silencers

PROGRAM = """{before}
model works
observed y : real[2]
{above}
latent z : real[2] {behind}
param W : real[2, 2]
cost e = sq(y - W @ z)
infer z by minimize
train by energy
"""
COLLAPSE = "# ebm: ignore[collapse]"


def program(before: str = "", above: str = "", behind: str = "") -> str:
    return PROGRAM.format(before=before, above=above, behind=behind)


def ids(found: Diagnostics) -> list[str]:
    return [each.id for each in found.all]


@pytest.mark.parametrize("place", ["before", "above", "behind"])
def test_a_comment_silences_what_it_stands_at(place: str) -> None:
    assert ids(diagnose(program())) == ["collapse"]
    text = program(**{place: COLLAPSE})
    assert ids(diagnose(text)) == []
    file, _ = parse(Source("m", text))
    assert file is not None
    assert ids(diagnose(format_file(file, file.span.source))) == []


def test_a_comment_elsewhere_is_unused() -> None:
    text = program().replace("by energy", f"by energy {COLLAPSE}")
    assert ids(diagnose(text)) == ["collapse", "unused-silencer"]


def test_a_silencer_is_not_called_unused_where_an_error_hides_the_warning() -> None:
    text = program(behind=COLLAPSE).replace("sq(y", "sq(yy")
    assert ids(diagnose(text)) == ["unknown-name"]


def test_an_unused_silencer_can_be_silenced() -> None:
    above = "# ebm: ignore[collapse, unbounded-gain, unused-silencer]"
    assert ids(diagnose(program(above=above))) == []


@pytest.mark.parametrize(
    ("comment", "wanted"),
    [
        ("# ebm: ignore[unbounded-gain]", ""),
        ("#  ebm: ignore [unbounded-gain, collapse] why", "#  ebm: ignore [collapse] why"),
        ("# ebm: ignore[collapse, unbounded-gain]", COLLAPSE),
        ("# ebm: ignore[unbounded-gain] why", "# why"),
    ],
)
@pytest.mark.parametrize("place", ["before", "above", "behind"])
def test_an_unused_silencer_is_taken_out(place: str, comment: str, wanted: str) -> None:
    source = Source("m", program(**{place: comment}))
    compilation = Compilation(source)
    assert compilation.plan is not None
    unused = [each for each in compilation.diagnostics.all if each.id == "unused-silencer"]
    mended = applied(source, [each.fix for each in unused if each.fix])
    want = program(**{place: wanted})
    assert mended.split() == want.split()
    assert mended.count("\n") == want.count("\n") - (not wanted and place != "behind")


@pytest.mark.parametrize(
    ("comment", "column"),
    [
        ("# ebm: ignore[colapse]", 15),
        ("# ebm: ignore[collapse, shape-mismatch]", 25),
        ("# ebm: ignore[]", 1),
        ("# ebm: ignore collapse", 1),
        ("#ebm: silence[collapse]", 1),
    ],
)
def test_what_is_no_warning_is_an_error(comment: str, column: int) -> None:
    found = diagnose(program(above=comment)).errors
    assert [(each.id, each.span.column) for each in found] == [("unknown-silencer", column)]


def test_a_comment_alone_holds_for_the_whole_next_statement_and_no_more() -> None:
    text = "model m\nstage one {\n# ebm: ignore[a]\ncost e =\n  1\n cost f = 2 }\ncost g = 3\n"
    source = Source("m", text)
    file, _ = parse(source)
    assert file is not None
    assert [(each.id, each.first, each.last) for each in silencers(source, file)] == [
        ("a", 4, 5)
    ]


def test_a_text_is_no_comment() -> None:
    source = Source("m", 'model m\ndata d = folder("# ebm: ignore[a]")\n')
    file, _ = parse(source)
    assert file is not None
    assert silencers(source, file) == ()
