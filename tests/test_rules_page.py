"""The page of rules says what the cards say: expectations/RULES.md and RULES.zh-CN.md are generated, whole and fresh."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pack_county import auditlib

from auditlib.catalog.load import load_catalog
from auditlib.catalog.packs import in_order, with_packs
from auditlib.catalog.places import expectations
from auditlib.reports.rules_markdown import rules_markdown

PAGES = {"en": expectations() / "RULES.md", "zh": expectations() / "RULES.zh-CN.md"}


@pytest.mark.parametrize("language", PAGES)
def test_the_page_in_the_repository_is_the_one_that_the_cards_give(language: str) -> None:
    fresh = rules_markdown(load_catalog(), language)
    assert PAGES[language].read_text(encoding="utf-8") == fresh, "stale: make reference"


@pytest.mark.parametrize("language", PAGES)
def test_every_card_stands_on_it_once_whole_and_in_the_table_of_contents(language: str) -> None:
    page = PAGES[language].read_text(encoding="utf-8")
    for card in load_catalog().rules.values():
        (body,) = re.findall(rf'^### <a id="{card.rule.lower()}"></a>(.*?)(?=^##|\Z)', page, re.DOTALL | re.MULTILINE)
        assert page.count(f"](#{card.rule.lower()})") == 1
        for text in ("what", "why", "reading", "false_alarms", "rectification", "evidence"):
            assert re.sub(r"[\\`*\[\]<>|#]", "", getattr(card, text)[language]) in re.sub(r"[\\`*\[\]<>|#]", "", body), (card.rule, text)
        for law in card.basis:
            assert law["article"] in body and all(str(law[k]) in body for k in ("valid_from", "valid_to") if law[k]), card.rule
        for name in card.parameters:
            assert f"`{name}` = {load_catalog().parameters[name].default}" in body


def test_links_lead_to_a_card_and_cards_stand_under_their_family() -> None:
    page = PAGES["en"].read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(#(\w+)\)", page)) == set(re.findall(r'<a id="(\w+)">', page)) == {r.lower() for r in load_catalog().rules}
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [s.split("\n", 1)[0] for s in sections] == [
        "hand-over gaps",
        "incomplete inventory",
        "missing contracts",
        "irregular fund management",
    ]


def test_text_of_a_card_is_never_markup() -> None:
    from dataclasses import replace

    catalog = load_catalog()
    card = replace(catalog.rules["F01"], what={"zh": "<b>x</b> [y](z) *q*", "en": ""})
    page = rules_markdown(replace(catalog, rules={"F01": card}), "zh")
    assert r"\<b\>x\</b\> \[y\](z) \*q\*" in page


def test_the_command_writes_it_and_takes_a_pack(tmp_path: Path) -> None:
    auditlib("guide", "rules", "--lang", "en", "--out", tmp_path / "page.md", status=0)
    assert (tmp_path / "page.md").read_bytes() == PAGES["en"].read_bytes()
    shown = auditlib("guide", "rules", "--lang", "zh", "--pack", "tinglan", status=0).stdout
    assert shown == rules_markdown(with_packs(in_order(["tinglan"], Path())), "zh")
    assert "FTL01 光伏收益未足额入账" in shown and "`stale_years` = 3 年" in shown
