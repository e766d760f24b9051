"""Dimensions with names, and sizes that data decide."""

from __future__ import annotations

from tests.check.programs import checked, messages, said


def test_a_named_dimension_is_a_number_everywhere() -> None:
    model = checked(
        "model m\nparam W : real[c * h, 2]\nobserved y : real[c = 3, h = 2 * c, 5]\n"
        "cost e = c * sum(y) + sum(W)\n"
    )
    assert [(each.shape, each.dims) for each in model.declared] == [
        ((18, 2), ()),
        ((3, 6, 5), ("c", "h", "")),
    ]


def test_data_say_how_large_a_new_name_is() -> None:
    model = checked(
        "model m(k = 4)\nparam W : real[d, k]\ndata digs = digits()\n"
        "observed y : real[d] from digs.image\nobserved c : onehot[n] from digs.label\n"
        "cost e = sum(W) + d * sum(y) + sum(c)\n"
    )
    assert [each.shape for each in model.declared] == [(64, 4), (64,), (10,)]
    assert [each.dims for each in model.declared] == [("d", ""), ("d",), ("n",)]


def test_the_alphabet_and_the_length_may_come_from_data() -> None:
    model = checked(
        'model m\ndata text = letters("brown", length = 8)\n'
        "observed y[t in 1..8] : token[K] from text\nparam A : real[K, K]\n"
        "cost e = sum(A)\n"
    )
    assert model.declared[0].quantity.domain.size == 27
    assert model.declared[1].shape == (27, 27)


def test_two_declarations_that_disagree_are_both_shown() -> None:
    body = (
        "model m\ngiven x : real[c = 1]\nobserved y : real[c = 3]\ncost e = sum(x) + sum(y)\n"
    )
    assert said(body) == [("shape-mismatch", 3, 19)]
    assert said(body.replace("c = 3", "c = 1")) == []


def test_a_size_that_nobody_knows_is_said_once_with_a_remedy() -> None:
    body = "model m(width = 3)\nparam W : real[widht]\nparam V : real[q]\ncost e = sum(W) + q\n"
    first, second, third = messages(body)
    assert "did you mean `width`?" in first
    assert "write `real[q = 8]`, or `q = 8` in the header, or take it from data" in second
    assert "unknown name `q`" in third


def test_sizes_of_data_that_cannot_be_had_are_not_unknown() -> None:
    body = "model m\nobserved y : real[d] from nothing\nparam W : real[d]\ncost e = sum(W)\n"
    assert said(body) == [("unknown-name", 2, 27)]
    body = "model m\ndata g = digits()\nobserved y : real[d, n] from g\ncost e = sum(y) + d\n"
    assert said(body) == [("data-mismatch", 3, 14)]
