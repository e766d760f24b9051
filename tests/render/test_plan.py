"""A plan told in words says what was decided, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ebmdsl.check.model import Model
from ebmdsl.compilation import Compilation
from ebmdsl.plan.plan import Plan
from ebmdsl.render.plan import describe, record
from ebmdsl.render.steps import found, refused
from ebmdsl.render.text import columns
from ebmdsl.source.text import Source
from tests.house.tree import ROOT

MODELS = [*(ROOT / "models").glob("*.ebm"), ROOT / "tests" / "programs" / "vq.ebm"]


def planned(path: Path) -> tuple[Plan, Model]:
    compilation = Compilation(Source(path.name, path.read_text("utf-8")))
    assert compilation.plan is not None, compilation.diagnostics.all
    assert compilation.model is not None
    return compilation.plan, compilation.model


def joined(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_decision_and_every_refusal_is_told(path: Path) -> None:
    plan, model = planned(path)
    text = joined(describe(plan, model))
    for step in plan.eliminations:
        assert f"{step.ring} over {', '.join(f'`{name}`' for name in step.names)}" in text
        assert step.certificate in text
        assert joined(step.reason) in text
        for each in step.rejected:
            (line,) = [one for one in refused(step.rejected) if one.endswith(each.reason)]
            assert each.method in line
            assert joined(line) in text
    for update in plan.updates:
        assert joined(update.reason) in text
        assert all(f"`{name}`" in text for name in update.names)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_sections_come_in_order_and_fit(path: Path) -> None:
    lines = describe(*planned(path)).splitlines()
    labels = [line.split()[0] for line in lines[2:] if line and not line.startswith(" ")]
    known = [
        "energy",
        "variables",
        "inference",
        "prediction",
        "training",
        "volume",
        "stage",
        "data",
        "next",
    ]
    assert list(dict.fromkeys(labels)) == [label for label in known if label in labels]
    assert {"energy", "variables", "training", "next"} <= set(labels)
    assert max(map(columns, lines)) <= 88


def test_what_the_file_asks_for_is_not_called_a_choice() -> None:
    plan, model = planned(ROOT / "models" / "sparse_coding.ebm")
    step = plan.eliminations[0]
    told = replace(plan, eliminations=(replace(step, told=True, rejected=()),))
    text = joined(describe(told, model))
    assert f"as the file says: {joined(step.reason)}" in text
    assert "not fista" not in text


def test_an_upper_bound_is_called_one() -> None:
    plan, model = planned(ROOT / "tests" / "programs" / "vq.ebm")
    assert "upper bound" in joined(describe(plan, model))
    whole = replace(plan, eliminations=tuple(replace(e, exact=True) for e in plan.eliminations))
    assert "upper bound" not in joined(describe(whole, model))


def test_what_nothing_limits_is_said() -> None:
    plan, model = planned(ROOT / "models" / "kmeans.ebm")
    assert "only 20 states" in joined(describe(plan, model))
    assert "nothing that is proved limits" in joined(describe(replace(plan, volume=()), model))


def test_facts_are_told_of_the_problem_they_were_proved_of() -> None:
    problem = planned(ROOT / "models" / "sparse_coding.ebm")[0].eliminations[0].problem
    assert problem is not None
    kinks = [sentence for sentence in found(problem) if "kink" in sentence]
    assert len(kinks) == len(problem.rough)
    assert not [s for s in found(replace(problem, rough=())) if "kink" in s]


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_the_record_is_plain_data(path: Path) -> None:
    plan, _ = planned(path)
    read = json.loads(json.dumps(record(plan)))
    assert [step["latents"] for step in read["eliminations"]] == [
        list(step.names) for step in plan.eliminations
    ]


def test_a_step_without_a_method_says_so_and_a_term_its_range() -> None:
    text = (
        "model m\nobserved y[t in 1..5] : real\nlatent s[t in 1..5] : real\n"
        "cost move[t] = abs(s[t] - s[t-1])\ncost see[t] = sq(y[t] - s[t])\n"
        "infer s by marginalize\n"
    )
    compilation = Compilation(Source("m.ebm", text))
    assert compilation.plan is not None
    assert compilation.model is not None
    said = describe(compilation.plan, compilation.model)
    assert "this version has no method, so it cannot run" in said
    assert "cost `move`[t in 2..5]" in said


LIKELIHOOD = """model rbm
observed y : binary[7]
latent z : binary[3]
param W : real[7, 3]
cost e = -(y @ W @ z){more}
infer z by marginalize {how}
train by max_likelihood
"""


def told(more: str = "", how: str = "") -> str:
    source = Source("m.ebm", LIKELIHOOD.format(more=more, how=how))
    compilation = Compilation(source)
    assert compilation.plan is not None
    assert compilation.model is not None
    return " ".join(describe(compilation.plan, compilation.model).split())


def test_how_log_z_is_found_is_said() -> None:
    said = told()
    assert "log Z over `y` by independent_units: The sum over binary units" in said
    assert "over `z` by exhaustive_sum, `y` gone inside: The sum over all states" in said
    assert "8 states are few enough to add up; certificate: exact" in said


def test_a_bound_is_called_one() -> None:
    said = told(more=" - z[1] * z[2]", how="with mean_field")
    assert "by mean_field: The best law of independent entries: an upper bound" in said
    assert "F is then an upper bound" in said
    assert "F is then" not in told()
