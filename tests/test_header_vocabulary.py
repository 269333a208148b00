"""The words of a catalogue's headers are gathered once for all files, and never mixed up with another catalogue's."""

from __future__ import annotations

from dataclasses import replace

from auditlib.catalog.load import load_catalog
from auditlib.catalog.specs import Catalog
from auditlib.intake.recognise import MOST_KEPT, Vocabulary, vocabulary_of

WORD = "打头日子辰光"


def with_word(word: str) -> Catalog:
    """The shipped catalogue, in which one field of the contracts has one header more."""
    catalog = load_catalog()
    contracts = catalog.ledgers["contracts"]
    field = replace(contracts.fields["starts_on"], headers=(*contracts.fields["starts_on"].headers, word))
    changed = replace(contracts, fields={**contracts.fields, "starts_on": field})
    return replace(catalog, ledgers={**catalog.ledgers, "contracts": changed})


def test_one_catalogue_has_one_vocabulary() -> None:
    assert vocabulary_of(load_catalog()) is vocabulary_of(load_catalog())
    assert vocabulary_of(load_catalog(), frozenset({"面积"})) is not vocabulary_of(load_catalog())


def test_another_catalogue_has_its_own_words_and_leaves_the_first_as_it_was() -> None:
    other = with_word(WORD)
    assert vocabulary_of(other).scores(WORD, "contracts").get("starts_on", 0.0) > 0.9
    assert vocabulary_of(load_catalog()).scores(WORD, "contracts").get("starts_on", 0.0) < 0.9


def test_what_was_looked_up_before_says_the_same_as_what_is_looked_up_first() -> None:
    kept, fresh = vocabulary_of(load_catalog()), Vocabulary(load_catalog())
    heads = ("合同编号", "承租方", "年租金(元)", "起始日期", "合同起止日期", "备注", "资产名称规格", "期末余额借方")
    for _ in range(2):
        for ledger in load_catalog().ledgers:
            assert [kept.scores(h, ledger) for h in heads] == [fresh.scores(h, ledger) for h in heads]


def test_only_the_last_few_are_kept() -> None:
    first = with_word(WORD)
    before = vocabulary_of(first)
    for number in range(MOST_KEPT):
        vocabulary_of(with_word(f"{WORD}{number}"))
    again = vocabulary_of(first)
    assert again is not before and again.scores(WORD, "contracts") == before.scores(WORD, "contracts")
