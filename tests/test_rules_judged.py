"""How a case is judged: by the law of the day of the act, and by what it weighs.

Outside authority: 合同法 第214条 (lease, 1999-10-01 to 2020-12-31) and 民法典 第705条 (from 2021-01-01); 会计法 第41条 of the 1999 to
2017 texts (hand-over of accounting work) and 第39条 of the text of 2024-07-01; 农村集体经济组织法, in force from 2025-05-01.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from ledger_frames import ORGANISATIONS, settings, write

from auditlib.catalog.load import load_catalog
from auditlib.checks.findings import FramePlaces, settle
from auditlib.checks.judged import Act, basis_of, severity_of
from auditlib.words.records import Case, Evidence

CATALOG = load_catalog()
COUNTY = settings(CATALOG)


def cited(rule: str, on: str | None, variant: str = "", is_dated: bool = True) -> str:
    day = dt.date.fromisoformat(on) if on else None
    case = Case(rule, "V1", "contracts", ("H1",), ("H1",), variant=variant)
    return basis_of(CATALOG.rules[rule], case, Act(is_dated, day), COUNTY)


@pytest.mark.parametrize(
    ("signed", "law", "not_law"),
    [("2019-06-01", "合同法第214条", "民法典"), ("2020-12-31", "合同法第214条", "民法典"), ("2021-01-01", "民法典第705条", "合同法")],
)
def test_a_lease_is_judged_by_the_law_of_the_day_on_which_it_was_signed(signed: str, law: str, not_law: str) -> None:
    assert law in cited("F32", signed, "lease") and not_law not in cited("F32", signed, "lease")


def test_the_cap_of_twenty_years_is_cited_for_leases_only() -> None:
    assert "705" not in cited("F32", "2022-01-01", "waste") and "第48条" in cited("F32", "2022-01-01", "waste")
    assert "705" not in cited("F32", "2022-01-01", "arable") and "第332条" in cited("F32", "2022-01-01", "arable")


def test_a_hand_over_cites_the_number_that_the_article_had_then() -> None:
    assert "第41条" in cited("F51", "2024-06-30") and "第39条" not in cited("F51", "2024-06-30")
    assert "第39条" in cited("F51", "2024-07-01") and "第41条" not in cited("F51", "2024-07-01")


def test_the_law_on_collectives_judges_nothing_before_may_2025() -> None:
    before, after = cited("F19", "2025-04-30"), cited("F19", "2025-05-01")
    assert "农村集体经济组织法" not in before and before and "农村集体经济组织法" in after


def test_no_card_cites_the_law_on_collectives_the_financial_rules_or_the_charts_outside_their_time() -> None:
    begins = {"农村集体经济组织法": "2025-05-01", "财农〔2021〕121号": "2022-01-01", "财会〔2023〕14号": "2024-01-01"}
    begins |= {"民法典": "2021-01-01"}
    seen = {name: [b for c in CATALOG.rules.values() for b in c.basis if name in b["law_zh"]] for name in begins}
    assert all(seen.values())
    assert {(n, b["valid_from"]) for n, found in seen.items() for b in found} == set(begins.items())
    old = [b for c in CATALOG.rules.values() for b in c.basis if "财会〔2004〕12号" in b["law_zh"] or b["law_zh"] == "合同法"]
    assert len(old) > 5 and {b["valid_to"] for b in old} == {"2023-12-31", "2020-12-31"}


def test_without_a_day_the_year_s_rules_are_cited_and_that_is_said() -> None:
    told = cited("F32", None, "lease")
    assert "民法典第705条" in told and "合同法" not in told and "行为日期不明" in told and "2025" in told
    # a balance of the year has no day of its own, so nothing has to be said
    assert "不明" not in cited("D18", None, is_dated=False)


def test_an_act_older_than_everything_on_the_card_says_so() -> None:
    told = cited("F32", "1985-01-01", "lease")
    assert "1985-01-01" in told and "民法典第705条" in told


def test_the_day_is_read_from_the_ledger_of_the_evidence(tmp_path: Path) -> None:
    row = {"name": "耕地", "kind": "租赁", "party_b": "甲", "ends_on": "2050-01-01"}
    rows = [
        {"contract_no": "H1", "signed_on": "2019-05-01", "starts_on": "2021-05-01", **row},
        {"contract_no": "H2", "signed_on": None, "starts_on": "2021-05-01", **row},
        {"contract_no": "H3", "signed_on": None, "starts_on": None, **row},
    ]
    sources = write(tmp_path, {"contracts": rows}, CATALOG)
    cases = [
        Case("F32", "V1", "contracts", (f"H{i + 1}",), (f"H{i + 1}",), (Evidence("contracts", i, ("ends_on",)),), variant="lease")
        for i in range(3)
    ]

    class NoText:
        def cells(self, ledger: str, row_ids: object) -> dict[int, dict[str, str]]:
            return {}

    found = settle(cases, CATALOG, COUNTY, ORGANISATIONS, sources, NoText(), FramePlaces(tmp_path))
    basis = {f.records[0]: f.basis for f in found}
    assert "合同法第214条" in basis["H1"] and "民法典第705条" in basis["H2"] and "不明" in basis["H3"]


# severity is data: where the domain reference gives a range, amount and kind decide
def weight(rule: str, amount: str | None = None, variant: str = "", ledger: str = "journal", **parameters: object) -> str:
    case = Case(rule, "V1", ledger, ("1",), ("1",), amount=None if amount is None else Decimal(amount), variant=variant)
    return severity_of(CATALOG.rules[rule], case, settings(CATALOG, **parameters))


def test_severity_follows_the_amount_at_the_county_s_own_limits() -> None:
    assert (weight("F05", "10000"), weight("F05", "10000.01"), weight("F05")) == ("yellow", "orange", "orange")
    assert weight("F05", "10000", decision_over=5000) == "orange"
    assert (weight("F12", "9000"), weight("F12", "90000")) == ("orange", "red")


def test_severity_follows_the_kind_of_breach() -> None:
    assert (weight("F51", "5", "figures"), weight("F51", None, "late")) == ("red", "orange")
    assert (weight("F43", "5", "misused"), weight("F43", "5", "idle")) == ("red", "orange")
    assert (weight("F40", ledger="resources"), weight("F40", ledger="fixed_assets")) == ("yellow", "orange")


def test_a_card_without_bands_has_one_severity() -> None:
    assert {weight("F03", amount) for amount in (None, "1", "1000000")} == {"red"}


RANGES = "F05 F08 F12 F16 F18 F20 F23 F26 F33 F34 F39 F40 F42 F43 F46 F50 F51 F52 F57".split()  # Y-O, O-R … in the reference


def test_exactly_the_rules_with_a_range_have_bands_and_every_band_lowers_the_severity() -> None:
    order = ("red", "orange", "yellow", "blue")
    assert sorted(r for r, c in CATALOG.rules.items() if c.bands) == RANGES
    for rule in RANGES:
        card = CATALOG.rules[rule]
        assert {order.index(b.severity) for b in card.bands} == {order.index(card.severity) + 1}, rule


def test_every_card_asks_for_evidence_of_known_kinds() -> None:
    used = {k for c in CATALOG.rules.values() for k in c.evidence_kinds}
    assert all(c.evidence_kinds for c in CATALOG.rules.values()) and used == set(CATALOG.evidence_kinds)


def test_a_card_that_names_an_unknown_kind_of_evidence_or_limit_is_refused(tmp_path: Path) -> None:
    import shutil

    from auditlib.catalog.places import expectations
    from auditlib.words.errors import CatalogError

    slips = (("evidence_kinds: [voucher", "evidence_kinds: [vouchr"), ("amount_up_to: cash_limit", "amount_up_to: cash_limt"))
    for number, (old, new) in enumerate(slips):
        folder = tmp_path / str(number)
        shutil.copytree(expectations(), folder)
        card = next(p for p in sorted((folder / "rules").glob("*.yaml")) if old in p.read_text(encoding="utf-8"))
        card.write_text(card.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        with pytest.raises(CatalogError, match=new.split("[")[-1].split(": ")[-1]):
            load_catalog(folder)


def test_the_severity_of_a_finding_is_that_of_its_case(tmp_path: Path) -> None:
    sources = write(tmp_path, {"claims": [{"claim_no": "C1", "amount": "1"}]}, CATALOG)
    case = Case("F12", "V1", "claims", ("C1",), ("C1",), (Evidence("claims", 0, ("amount",)),), amount=Decimal("1"))

    class NoText:
        def cells(self, ledger: str, row_ids: object) -> dict[int, dict[str, str]]:
            return {}

    cases = (case, replace(case, key=("C2",), amount=Decimal("50000")))
    found = settle(cases, CATALOG, COUNTY, ORGANISATIONS, sources, NoText(), FramePlaces(tmp_path))
    assert [f.severity for f in found] == ["red", "orange"]
