"""`extends`: the child's words take the place of those they replace."""

from __future__ import annotations

import pytest

from ebmdsl.compilation import Compilation
from ebmdsl.source.text import Source
from ebmdsl.syntax.format import format_file

PARENT = """model parent(k = 4, lam = 0.5)
observed y : real[3]
latent z : real[k]
param W : real[3, k]
cost recon = sq(y - W @ z)
regularizer sparse = lam * l1(z)
infer z by minimize
train by energy
run { epochs = 5, batch = 32 }
report r = mean(recon)
expect mean(recon) < 1
"""


def merged(child: str) -> str:
    def read(path: str, beside: Source) -> Source:
        assert (path, beside.name) == ("parent.ebm", "child.ebm")
        return Source(path, PARENT)

    source = Source("child.ebm", f'model child(a = 1) extends "parent.ebm"{child}')
    whole = Compilation(source, read=read).whole
    assert whole is not None
    return format_file(whole, source)


@pytest.mark.parametrize(
    ("child", "there", "gone"),
    [
        ("", "regularizer sparse", "extends"),
        ("(k = 9)", "k = 9", "k = 4"),
        ("\ncost recon = sq(y + W @ z)", "y + W @ z", "y - W @ z"),
        ("\ninfer z by minimize with fista", "with fista", "minimize\n"),
        ("\ntrain W by minimize(recon)", "train W by", "train by energy"),
        ("\nrun { batch = 8 }", "batch = 8", "batch = 32"),
        ("\nreport r = max(recon)", "max(recon)", "report r = mean"),
    ],
)
def test_what_the_child_says_holds(child: str, there: str, gone: str) -> None:
    text = merged(child)
    assert there in text
    assert gone not in text


def test_the_settings_are_replaced_key_by_key() -> None:
    assert "epochs = 5" in merged("\nrun { batch = 8 }")


def test_expectations_add_up() -> None:
    assert merged("\nexpect mean(sparse) < 2").count("expect") == 2


def test_a_replacement_takes_the_place_of_what_it_replaces() -> None:
    text = merged("\nparam W : real[3, k] with unit_columns")
    assert text.index("param W") < text.index("cost")
    assert text.count("param W") == 1


def test_a_part_of_a_joint_inference_is_replaced() -> None:
    parent = """model parent
observed y : real
latent z : real
latent u : real
cost e = (y - z)^2 + (z - u)^2 + u^2
infer z, u by minimize
"""
    child = 'model child extends "parent.ebm"\ninfer z by minimize with fista\n'
    compilation = Compilation(
        Source("child.ebm", child), read=lambda name, _: Source(name, parent)
    )
    assert compilation.model is not None
    assert [(each.names, each.solver is None) for each in compilation.model.infers] == [
        (("u",), True),
        (("z",), False),
    ]
