"""Well-typed programs are accepted, keep their meaning in any layout and in any order."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ebmdsl.compilation import Compilation
from ebmdsl.plan.plan import Plan
from ebmdsl.source.show import show
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file
from tests.properties.programs import Written, written

SETTINGS = settings(
    max_examples=120,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def compiled(text: str) -> Compilation:
    compilation = Compilation(Source("random.ebm", text))
    assert compilation.plan is not None, text + show(compilation.diagnostics, format="short")
    assert compilation.diagnostics.ok
    return compilation


@SETTINGS
@given(written())
def test_they_are_accepted_and_every_node_has_its_shape(program: Written) -> None:
    model = compiled(program.text).model
    assert model is not None
    assert {b.name: b.node.shape for b in model.blocks} == program.shapes


@SETTINGS
@given(written())
def test_a_layout_changes_nothing(program: Written) -> None:
    source = Source("random.ebm", program.text)
    first = Compilation(source)
    assert first.file is not None
    neat = format_file(first.file, source)
    second = Compilation(Source("random.ebm", neat))
    assert second.file is not None
    assert second.file == first.file
    assert format_file(second.file, second.source) == neat
    assert first.plan is not None
    assert second.plan is not None
    assert second.plan.energy is first.plan.energy


@SETTINGS
@given(written(), st.randoms(use_true_random=False))
def test_the_order_of_declarations_means_nothing(program: Written, random: Random) -> None:
    lines = list(program.declarations)
    random.shuffle(lines)
    first = compiled(program.text).plan
    second = compiled(replace(program, declarations=tuple(lines)).text).plan
    assert first is not None
    assert second is not None
    assert second.energy is first.energy
    assert _methods(second) == _methods(first)


def _methods(plan: Plan) -> list[tuple[str, str]]:
    return [(step.method, step.certificate) for step in plan.eliminations]
