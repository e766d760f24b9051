"""What training minimizes, and what is only measured."""

from __future__ import annotations

from tests.graph.test_build import graph_of

NOISE = """model noise
observed y : real[2]
random u : real[2] ~ normal
random n : real[2] ~ normal
net f = linear(1)
param c : real
cost height = f(y) + sq(y)
func G(v) = -F(v) - c
train f by minimize(softplus(-G(y)) + softplus(G(n)))
train c by minimize(softplus(-G(y)) + softplus(G(n)))
let far = u + y
report low = mean(F(far))
"""


def test_players_with_one_goal_share_it() -> None:
    (goal,) = graph_of(NOISE).goals
    assert goal.text == "softplus(-G(y)) + softplus(G(n))"
    assert goal.players == (1, 2)
    assert goal.inputs == ("c",)


def test_points_behind_functions_are_seen() -> None:
    points = [(each.source, each.target) for each in graph_of(NOISE).links]
    assert ("n", "y") in points


def test_what_only_a_report_asks_for_is_told_apart() -> None:
    assert graph_of(NOISE).measured == ("u", "far")


def test_without_a_report_nothing_is_only_measured() -> None:
    assert graph_of(NOISE.replace("report low = mean(F(far))\n", "")).measured == ()


def test_a_strategy_is_written_out_as_a_goal() -> None:
    text = "model m\nobserved y : real[2]\nparam b : real[2]\ncost c = sq(y - b)\n"
    goals = graph_of(f"{text}train by energy\n").goals
    assert [each.text for each in goals] == ["F"]
    assert goals[0].inputs == ()
