"""Did you mean …?"""

from __future__ import annotations

from ebmdsl.source.suggest import did_you_mean, nearest, suggest


def test_the_nearest_word_is_suggested() -> None:
    assert suggest("photgraphs", ["photographs", "patches"]) == "photographs"
    assert suggest("Whiten", ["whiten"]) == "whiten"
    assert suggest("zzz", ["photographs"]) == ""
    assert did_you_mean("l2", ["l1", "sq"]) == "did you mean `l1`?"
    assert did_you_mean("zzz", ["l1"]) == ""


def test_a_word_that_only_shares_letters_is_not_suggested() -> None:
    assert suggest("x", ["max", "mu"]) == ""
    assert suggest("code", ["logdet"]) == ""
    assert suggest("patches", ["faces"]) == ""
    assert suggest("u", ["mu"]) == "mu"
    assert suggest("zhat", ["what"]) == "what"


def test_words_that_are_equally_near_are_all_found() -> None:
    assert nearest("ab", ("ac", "ad", "xyz")) == ("ad", "ac")
    assert nearest("patchs", ("patches", "patch", "l1")) == ("patches",)
