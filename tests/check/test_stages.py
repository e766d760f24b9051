"""Stages: the program as it reads while each of them runs."""

from __future__ import annotations

from tests.check.programs import checked, said

TWO = """model two
observed y : real[4]
net enc = linear(2) |> relu
net dec = linear(4)
cost recon = sq(y - dec(enc(y)))
report fit = mean(recon)
stage pretrain {
  loss pull = l1(enc(y))
  train by energy
  run { epochs = 3 }
}
stage probe {
  param a : real[2]
  cost recon = sq(y - dec(a))
  train a by energy with sgd(0.1)
}
"""


def test_each_stage_is_the_program_as_it_reads_there() -> None:
    model = checked(TWO)
    assert [stage.name for stage in model.stages] == ["pretrain", "probe"]
    first, second = (stage.model for stage in model.stages)
    assert [term.name for term in first.terms] == ["recon", "pull"]
    assert [term.name for term in second.terms] == ["recon"]
    assert (first.settings.epochs, second.settings.epochs) == (3, model.settings.epochs)
    assert (first.trains[0].names, second.trains[0].names) == ((), ("a",))
    assert "a" in second.parameters


def test_what_stands_outside_is_what_the_stages_share() -> None:
    model = checked(TWO)
    assert model.trains == ()
    assert [term.name for term in model.terms] == ["recon"]
    assert model.find("a") is None
    assert [each.name for each in model.reports] == ["fit"]
    assert all(stage.model.reports == () for stage in model.stages)


def test_a_mistake_outside_is_told_once() -> None:
    assert said(TWO.replace("sq(y - dec(enc(y)))", "sq(y - nobody)", 1)) == [
        ("unknown-name", 5, 21)
    ]


def test_latents_and_energies_are_asked_for_in_every_stage() -> None:
    late = TWO.replace("  param a : real[2]\n", "  latent a : real[2]\n")
    assert said(late) == [("wrong-role", 15, 9)]
    assert said("model m\nobserved y : real\nstage s { train by energy }\n") == [
        ("no-energy", 1, 7),
        ("train-without-effect", 3, 20),
    ]


def test_there_are_at_most_so_many_stages() -> None:
    head = "model m\nobserved y : real\nparam a : real\ncost e = sq(y - a)\n"
    body = "".join(f"stage s{n} {{ train a by energy }}\n" for n in range(70))
    assert said(head + body) == [("too-deep", 69, 7)]


def test_a_training_outside_is_read_all_the_same() -> None:
    body = TWO.replace("stage pretrain", "train nobody by enrgy\nstage pretrain")
    assert said(body) == [
        ("misplaced-statement", 7, 1),
        ("unknown-name", 7, 7),
        ("unknown-name", 7, 17),
    ]


def test_what_is_measured_outside_is_known_outside() -> None:
    head = "model m\nobserved y : real[2]\nlatent z : real[2]\nparam W : real[2, 2]\n"
    head += "cost e = sq(y - W @ z) + sq(z)\n"
    inside = "stage a { infer z by minimize train W by energy }\n"
    assert said(head + inside) == []
    assert said(head + inside + "report q = mean(F)\n") == [("latent-not-inferred", 3, 8)]
    outside = "infer z by sample\nreport q = mean(F)\nstage a { train W by energy }\n"
    assert said(head + outside) == [("value-unknown", 7, 17)]
