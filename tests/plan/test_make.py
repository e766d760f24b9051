"""The plan as a whole: latents in order, joined where their nesting is one minimum."""

from __future__ import annotations

from tests.plan.plans import plan_of

HEAD = """model m
observed y : real[4]
latent z : real[2]
latent u : real[2]
param W : real[4, 2]
cost e = sq(y - W @ z) + sq(z - u) + sq(u)
"""


def _steps(infers: str) -> list[tuple[str, ...]]:
    plan, found = plan_of(HEAD + infers + "train by energy\n")
    assert plan is not None, [each.message for each in found]
    return [each.names for each in plan.eliminations]


def test_neighboring_minima_of_the_whole_energy_are_one() -> None:
    assert _steps("infer z by minimize\ninfer u by minimize\n") == [("z", "u")]
    assert _steps("infer u, z by minimize\n") == [("u", "z")]


def test_what_is_told_stays_by_itself() -> None:
    told = "infer z by minimize with fista\ninfer u by minimize\n"
    assert _steps(told) == [("z",), ("u",)]


def test_a_step_without_a_method_stays_open_and_has_no_consequences() -> None:
    head = HEAD.replace("latent z : real[2]", "latent z : simplex[2]")
    plan, found = plan_of(head + "infer z by sample\ninfer u by minimize\ntrain by energy\n")
    assert plan is not None
    assert [step.open for step in plan.eliminations] == [True, False]
    assert not found
    assert "eliminate z by sample: no method yet" in plan.pretty()


def test_observed_variables_are_found_by_steps_of_their_own() -> None:
    plan, _ = plan_of(HEAD + "infer z, u by minimize\npredict y by minimize\n")
    assert plan is not None
    assert [(step.wanted, step.ring) for step in plan.predictions] == [(("y",), "minimize")]
    assert [step.names for step in plan.eliminations] == [("z", "u")]


def test_the_plan_does_not_depend_on_the_order_of_declarations() -> None:
    lines = HEAD.splitlines()[1:]
    rest = "infer z, u by minimize\ntrain by energy\n"
    forward, _ = plan_of("model m\n" + "\n".join(lines) + "\n" + rest)
    backward, _ = plan_of("model m\n" + "\n".join(reversed(lines)) + "\n" + rest)
    assert forward is not None
    assert backward is not None
    assert forward.energy is backward.energy
    assert forward.pretty() == backward.pretty()
