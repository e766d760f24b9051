"""What is said about a file that cannot be used."""

from __future__ import annotations

from pathlib import Path

from ebmdsl.compilation import load


def test_the_first_mistake_of_the_file_is_shown_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "other.ebm").write_text(
        "model other\nobserved y : real\ncost e = nobody\n", "utf-8"
    )
    main = tmp_path / "main.ebm"
    main.write_text('model main\nuse "other.ebm" as o\ncost e = o.W\n', "utf-8")
    compilation = load(main)
    assert compilation.plan is None
    (told,) = compilation.diagnostics.all
    assert (told.id, told.span.line, told.span.column) == ("cannot-use", 2, 5)
    assert "unknown name `nobody`" in told.message
    assert [(each.span.line, each.span.column) for each in told.labels] == [(3, 10)]
    assert told.help == "mend that file first"
