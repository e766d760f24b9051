"""Links: where searches start, what samplers and states take, who guesses a latent."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import load
from tests.graph.test_build import graph_of
from tests.house.tree import ROOT

HEAD = """model m
observed y : real[4]
latent z : real[3]
net enc = linear(3)
net dec = linear(4)
encoder zhat = enc(y)
cost recon = sq(y - dec(z)) + sq(z)
"""


@pytest.mark.parametrize(
    ("statements", "links"),
    [
        ("infer z by minimize\n", []),
        ("infer z by minimize from zhat\n", [("zhat", "z", "start")]),
        ("infer z by encode(zhat)\n", [("zhat", "z", "encoded")]),
        (
            "encoder zq ~ normal(zhat, 1)\ninfer z by marginalize with variational(zq)\n",
            [("zq", "z", "posterior")],
        ),
        (
            "infer z by minimize\nstate P = particles(5, like = y)\n"
            "negative yn from langevin(start = P)\nloss l = sum(yn)\n",
            [("y", "P", "remembered"), ("P", "yn", "drawn")],
        ),
        (
            "infer z by minimize\nrandom e : real[4] ~ normal\nlet far = y + e\n"
            "train by minimize(softplus(F - F(far)))\n",
            [("far", "y", "point")],
        ),
        (
            "infer z by minimize\nstate key = ema(enc, 0.9)\nlet k = key(y)\n",
            [("enc", "key", "copied")],
        ),
    ],
)
def test_statements_are_read_as_links(
    statements: str, links: list[tuple[str, str, str]]
) -> None:
    graph = graph_of(HEAD + statements)
    assert [(each.source, each.target, each.kind) for each in graph.links] == links


def test_every_player_is_listed_with_what_it_moves() -> None:
    players = "train dec by minimize(F) with sgd(0.1)\ntrain by minimize(F) with sgd(0.1)\n"
    graph = graph_of(f"{HEAD}infer z by minimize from zhat\n{players}")
    assert graph.players == (("dec",), ("enc",))


def test_a_used_model_leads_to_what_is_made_of_it() -> None:
    graph = load(ROOT / "tests" / "programs" / "lista.ebm").graph
    assert graph is not None
    taken = {(each.source, each.target) for each in graph.links if each.kind == "taken"}
    assert {("dict", "y"), ("dict", "fast")} <= taken
