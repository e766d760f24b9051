"""`ebmc cite`: the published work that a model stands on, as BibTeX."""

from __future__ import annotations

import json
import re

from ebmdsl.cli.references import bibtex, references_of
from ebmdsl.cli.words import read_catalogue
from tests.cli.conftest import Ebmc
from tests.house.tree import ROOT

SPARSE = str(ROOT / "models" / "sparse_coding.ebm")


def test_a_model_is_cited_with_all_that_it_uses(ebmc: Ebmc) -> None:
    text = ebmc("cite", SPARSE).stdout
    for word in ("photographs", "whiten", "unit_columns", "l1", "admm", "adam", "energy"):
        assert re.search(rf"note = {{[^}}]*\b{word}\b", text), word
    assert "doi = {10.1038/381607a0}" in text
    assert "kmeans_pp" not in text
    entries = json.loads(ebmc("cite", SPARSE, "--format", "json").stdout)["references"]
    assert len(entries) == text.count("@misc{")


def test_every_reference_of_the_catalogue_can_be_written() -> None:
    concepts = [one for words in read_catalogue().values() for one in words.values()]
    entries = bibtex(concepts)
    keys = [re.match(r"@misc{([\w.-]+),", entry) for entry in entries]
    assert all(keys)
    assert len({key[1] for key in keys if key}) == len(entries) > 100
    assert all(entry.count("{") == entry.count("}") for entry in entries)


def test_a_word_without_references_adds_nothing() -> None:
    silent = [
        one
        for words in read_catalogue().values()
        for one in words.values()
        if not references_of(one)
    ]
    assert bibtex(silent) == ()
