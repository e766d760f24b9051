"""The phase as a whole: every latent disappears, every player moves, or there is no plan."""

from __future__ import annotations

from ebmdsl.compilation import compile
from ebmdsl.plan.plan import Plan

TWO = """model two
observed y : real[3]
latent a : real[2]
latent b : real[2]
param W : real[3, 2]
param V : real[3, 2]
cost c = sq(y - W @ a - V @ b)
regularizer r = sq(a) + sq(b)
"""


def plan_of(rest: str) -> Plan:
    compilation = compile(TWO + rest)
    assert compilation.plan is not None, compilation.diagnostics.all
    return compilation.plan


def test_neighboring_minimizations_are_one() -> None:
    plan = plan_of("infer a by minimize\ninfer b by minimize\ntrain by energy\n")
    assert [each.names for each in plan.eliminations] == [("a", "b")]


def test_a_minimization_that_was_told_how_stays_apart() -> None:
    plan = plan_of("infer a by minimize with lbfgs\ninfer b by minimize\ntrain by energy\n")
    assert [each.names for each in plan.eliminations] == [("a",), ("b",)]
    assert plan.eliminations[0].told
    assert not plan.eliminations[1].told


def test_players_act_in_the_order_written() -> None:
    rest = "infer a, b by minimize\ntrain V by minimize(c)\ntrain W by energy\n"
    assert [each.names for each in plan_of(rest).updates] == [("V",), ("W",)]


def test_the_energy_is_the_sum_of_its_terms() -> None:
    plan = plan_of("infer a, b by minimize\ntrain by energy\nloss l = sq(stop(a))\n")
    assert plan.energy.names == {"y", "a", "b", "W", "V"}
    assert len(plan.graph.energy) == 2


def test_one_latent_without_a_method_is_no_plan() -> None:
    compilation = compile(TWO + "infer a by sample\ninfer b by minimize\ntrain by energy\n")
    assert compilation.plan is None
    assert compilation.diagnostics.errors
