"""A factor graph becomes the picture that the lectures would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest

from ebmdsl.graph.factor_graph import FactorGraph, Link, LinkKind, VarId
from ebmdsl.render.notation import diagram, energy_line
from ebmdsl.source.text import Source, Span
from tests.render import sketches
from tests.render.sketches import SKETCHES


@pytest.mark.parametrize("sketch", SKETCHES)
def test_everything_is_drawn_exactly_once(sketch: Callable[[], FactorGraph]) -> None:
    graph = sketch()
    drawn = Counter(node.id for node in diagram(graph).nodes)
    assert drawn == Counter(
        each.id for each in (*graph.variables, *graph.blocks, *graph.factors)
    )


@pytest.mark.parametrize("sketch", SKETCHES)
def test_arrows_go_where_the_inputs_say(sketch: Callable[[], FactorGraph]) -> None:
    graph = sketch()
    expected = {
        (name, user.id) for user in (*graph.blocks, *graph.factors) for name in user.inputs
    }
    drawn = [(edge.source, edge.target) for edge in diagram(graph).edges]
    latents = {each.id for each in graph.variables if each.role == "latent"}
    guesses = {each for each in drawn if each[1] in latents}
    assert set(drawn) - guesses == expected
    assert len(drawn) == len(set(drawn))


def test_a_latent_says_how_it_disappears() -> None:
    badges = {
        "minimize": "min",
        "marginalize": "marginal",
        "sample": "sample",
        "encode": "encode",
    }
    graph = sketches.kmeans()
    for found, badge in badges.items():
        latent = replace(graph.variables[1], found=found)
        drawn = diagram(replace(graph, variables=(latent,)))
        assert drawn.node("z").badge == badge
    assert diagram(graph).node("y").badge == ""


def test_what_a_query_can_find_says_so() -> None:
    graph = sketches.kmeans()
    found = replace(graph.variables[0], found="minimize")
    assert diagram(replace(graph, variables=(found,))).node("y").badge == "find"


def test_only_what_holds_of_the_whole_energy_is_claimed_of_it() -> None:
    graph = sketches.kmeans()
    for found in ("minimize(…)", "marginalize(beta = 2)", "sample", "encode"):
        latent = replace(graph.variables[1], found=found)
        assert "F(" not in energy_line(replace(graph, variables=(latent,)))


def test_what_is_latent_is_laid_out_to_the_right() -> None:
    edges = {
        (edge.source, edge.target): edge.leftward for edge in diagram(sketches.psd()).edges
    }
    assert edges["z", "yhat"]
    assert edges["yhat", "recon"]
    assert edges["z", "agree"]
    assert not edges["y", "recon"]
    assert not edges["zhat", "agree"]
    assert not edges["z", "sparse"]


def test_a_guess_of_a_latent_is_dashed() -> None:
    drawn = diagram(sketches.psd())
    assert [node.id for node in drawn.nodes if node.dashed] == ["zhat"]
    dashed = {(e.source, e.target) for e in drawn.edges if e.flow == "amortized"}
    assert dashed == {("y", "zhat"), ("zhat", "agree")}


def test_an_encoder_without_a_latent_to_guess_is_not_dashed() -> None:
    for sketch in (sketches.gan, sketches.linearize):
        assert not any(node.dashed for node in diagram(sketch()).nodes)


def test_an_encoder_that_no_term_uses_leads_to_its_latent() -> None:
    edges = [(edge.source, edge.target, edge.flow) for edge in diagram(sketches.vae()).edges]
    assert ("zq", "z", "amortized") in edges


def test_losses_are_dashed_and_no_part_of_the_energy() -> None:
    drawn = diagram(sketches.conv_psd())
    flows = {(edge.source, edge.target): edge.flow for edge in drawn.edges}
    assert flows["z", "agree"] == "training"
    assert "agree" not in drawn.formula


def test_a_random_draw_that_joins_the_data_stays_at_the_left() -> None:
    graph = FactorGraph(
        "masked",
        (sketches.variable("observed y"), sketches.variable("random m")),
        (sketches.block("let seen = hide(y, where = m)", "y m"),),
        (sketches.term("cost miss = m * xent(seen, y)", "m seen y"),),
    )
    sides = {(edge.source, edge.target): edge.leftward for edge in diagram(graph).edges}
    assert not any(sides.values())


def test_a_random_draw_that_is_alone_stands_at_the_right() -> None:
    sides = {
        (edge.source, edge.target): edge.leftward for edge in diagram(sketches.gan()).edges
    }
    assert [ends for ends, leftward in sides.items() if leftward] == [("u", "fake")]


def test_plates_say_their_range_and_arrows_their_lags() -> None:
    drawn = diagram(sketches.hmm())
    assert [plate.label for plate in drawn.plates] == ["t = 1 … 64"]
    assert {node.id for node in drawn.nodes if node.plates} == {"y", "s", "trans", "emit"}
    labels = {(edge.source, edge.target): edge.label for edge in drawn.edges if edge.label}
    assert labels == {("s", "trans"): "t−1, t"}
    assert drawn.node("trans").sublabel == "trans,  t = 2 … 64"
    assert drawn.node("emit").sublabel == "emit"
    frames = {edge.label for edge in diagram(sketches.linearize()).edges}
    assert frames == {"", "2", "0, 1", "0, 1, 2"}


def test_long_formulas_are_cut_and_whole_in_the_tooltip() -> None:
    drawn = diagram(sketches.vae()).node("zq")
    assert drawn.label.endswith("…")
    assert "exp(lv(body(y)) / 2)" in drawn.tooltip


def test_tooltips_name_the_line() -> None:
    source = Source("psd.ebm", "model psd\ncost recon = sq(y)")
    term = replace(sketches.kmeans().factors[0], span=Span(source, 10, 14))
    drawn = diagram(replace(sketches.kmeans(), factors=(term,)))
    assert drawn.node("distortion").tooltip.endswith("(psd.ebm:2)")


@pytest.mark.parametrize(
    ("sketch", "line"),
    [
        (sketches.sparse_coding, "E(y, z) = recon + sparse,   F(y) = min E over z"),
        (sketches.rbm, "E(v, h) = interaction + bias,   F(v) = −log Σ exp(−E) over h"),
        (sketches.vae, "E(y, z) = recon + prior,   F(y) = −log ∫ exp(−E) over z"),
        (sketches.moco, "E(x, y) = similarity"),
        (
            sketches.tower,
            "E(y, z₁, z₂, …, z₁₂) = the sum of 13 terms,   "
            "F(y) = min E over z₁, z₂, z₃, …, z₁₂",
        ),
    ],
)
def test_the_energy_is_told_in_a_line(sketch: Callable[[], FactorGraph], line: str) -> None:
    assert energy_line(sketch()) == line


def test_an_empty_graph_is_drawn() -> None:
    assert diagram(FactorGraph("empty", (), (), ())).nodes == ()


def linked(**more: object) -> FactorGraph:
    """Predictive sparse decomposition with particles, two players and a used model."""
    base = sketches.psd()
    extra = tuple(map(sketches.variable, ("state P", "negative yn", "used dict some.ebm")))
    links = (
        Link(VarId("zhat"), VarId("z"), "start"),
        Link(VarId("y"), VarId("P"), "remembered"),
        Link(VarId("P"), VarId("yn"), "drawn"),
    )
    players = (("W",), ("enc",))
    graph = replace(base, variables=(*base.variables, *extra), links=links, players=players)
    return replace(graph, **more)


def test_links_are_arrows_of_their_own_kind() -> None:
    flows = {(e.source, e.target): (e.flow, e.label) for e in diagram(linked()).edges}
    assert flows["zhat", "z"] == ("amortized", "start")
    assert flows["y", "P"] == ("remembered", "")
    assert flows["P", "yn"] == ("drawn", "")


@pytest.mark.parametrize("kind", get_args(LinkKind))
def test_every_kind_of_link_can_be_drawn(kind: LinkKind) -> None:
    base = linked()
    lone = sketches.variable("random u")
    links = (Link(VarId("u"), VarId("W"), kind),)
    drawn = diagram(replace(base, variables=(*base.variables, lone), links=links))
    assert ("u", "W") in {(edge.source, edge.target) for edge in drawn.edges}


def test_initial_values_are_drawn_only_where_nothing_else_leads_on() -> None:
    links = (Link(VarId("yhat"), VarId("W"), "initial"),)
    drawn = diagram(linked(links=links))
    assert ("yhat", "W") not in {(edge.source, edge.target) for edge in drawn.edges}


def test_what_a_stage_declares_anew_has_its_plain_name() -> None:
    anew = sketches.variable("observed y@large")
    assert diagram(linked(variables=(anew,))).node("y@large").label == "y"


def test_a_contrastive_point_says_what_happens_there() -> None:
    assert diagram(linked()).node("yn").badge == "push up"


def test_players_are_numbered_where_there_are_several() -> None:
    drawn = diagram(linked())
    assert drawn.node("W").sublabel.endswith("player 1")
    assert drawn.node("enc").sublabel.endswith("player 2")
    assert "player" not in diagram(linked(players=(("W", "enc"),))).node("W").sublabel


def test_what_only_a_stage_knows_names_it() -> None:
    drawn = diagram(linked(stages=(("agree", "second"),)))
    assert drawn.node("agree").sublabel.endswith("in stage second")


def test_a_used_model_shows_its_file() -> None:
    node = diagram(linked()).node("dict")
    assert (node.kind, node.sublabel) == ("used", "some.ebm")


def test_no_gradient_passes_where_a_value_is_stopped() -> None:
    flows = {(e.source, e.target): e.flow for e in diagram(sketches.vq()).edges}
    assert flows["e", "book"] == "stopped"
    assert flows["q", "book"] == "flow"


def test_weights_that_are_shared_are_drawn_double() -> None:
    base = sketches.psd()
    twice = replace(base, blocks=(*base.blocks, sketches.block("let again = enc(y)", "enc y")))
    double = {(e.source, e.target) for e in diagram(twice).edges if e.flow == "shared"}
    assert double == {("enc", "zhat"), ("enc", "again")}


def test_a_distribution_has_a_look_of_its_own() -> None:
    assert diagram(sketches.vae()).node("zq").kind == "distribution"
