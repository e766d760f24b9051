"""How log Z is planned: in which order, by which methods, or why not."""

from __future__ import annotations

from ebmdsl.compilation import Compilation
from ebmdsl.source.text import Source
from tests.lower.test_log_partition import FACTORS, MIXTURE, RBM
from tests.plan.plans import plan_of


def methods(text: str) -> list[tuple[tuple[str, ...], str]]:
    plan, _ = plan_of(text)
    assert plan is not None
    assert plan.partition is not None
    assert plan.partition.known
    return [(step.names, step.method) for step in plan.partition.steps]


def test_the_smaller_side_of_a_bipartite_graph_is_listed() -> None:
    assert methods(RBM) == [(("y",), "independent_units"), (("z",), "exhaustive_sum")]
    plan, _ = plan_of(RBM.replace("4]", "40]"))
    assert plan is not None
    assert plan.partition is not None
    assert plan.partition.known


def test_what_is_observed_goes_first_or_together_with_the_latents() -> None:
    assert methods(MIXTURE) == [(("y",), "gaussian"), (("z",), "exhaustive_sum")]
    assert {method for _, method in methods(FACTORS)} == {"gaussian"}


def test_a_program_that_does_not_ask_has_no_plan_for_it() -> None:
    plan, _ = plan_of(RBM.replace("max_likelihood", "energy"))
    assert plan is not None
    assert plan.partition is None


def test_what_cannot_be_had_is_said_where_it_is_asked_for() -> None:
    text = RBM.replace("[6", "[70").replace("4]", "60]").replace("max_likelihood", "energy")
    compilation = Compilation(Source("m.ebm", f"{text}report nats = mean(F + logZ)\n"))
    assert compilation.plan is not None
    assert compilation.plan.partition is not None
    assert not compilation.plan.partition.known
    assert compilation.runnable is None
    (told,) = compilation.diagnostics.errors
    assert (told.id, told.span.line) == ("no-method", 11)
    assert told.message == "no method can integrate exp(-F) over `y`"
