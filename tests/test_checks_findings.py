"""What a finding carries: an identity that outlives a run, the cell to look at, the wording and the law of its rule card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from ledger_frames import ORGANISATIONS, failed, settings, write

from auditlib.catalog.load import load_catalog
from auditlib.checks.findings import FramePlaces, finding_id, settle
from auditlib.words.cells import column_letters
from auditlib.words.records import Case, Evidence, Finding, Source


class Sheet:
    """Raw cells of a pretended sheet."""

    def __init__(self, texts: Mapping[int, Mapping[str, str]]) -> None:
        self.texts = texts

    def cells(self, ledger: str, row_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        return {i: self.texts.get(i, {}) for i in row_ids}


CASE = Case("D02", "V1", "claims", ("C1", "amount"), ("C1",), (Evidence("claims", 0, ("amount", "claim_no")),), "amount")


def settled(folder: Path, *cases: Case, catalog=None) -> tuple[tuple[Finding, ...], tuple[Source, ...]]:
    catalog = catalog or load_catalog()
    sources = write(
        folder, {"claims": [{"claim_no": "C1", "amount": failed("约35")}, {"claim_no": "C2", "amount": "1"}]}, load_catalog()
    )
    raw = Sheet({0: {"amount": "约35", "claim_no": "C1"}, 1: {"amount": "1.00", "claim_no": "C2"}})
    return settle(cases, catalog, settings(load_catalog()), ORGANISATIONS, sources, raw, FramePlaces(folder)), sources


def test_a_finding_points_at_file_sheet_row_and_column_and_quotes_the_cell(tmp_path: Path) -> None:
    (finding,), (source,) = settled(tmp_path, CASE)
    column = column_letters(source.column_of("amount") or 0)
    assert (finding.source_file, finding.sheet, finding.row, finding.column) == (source.file, source.sheet, 4, column)
    assert finding.org_name == "新寨村股份经济合作联合社"
    assert "约35" in finding.message_zh and "约35" in finding.message_en and "C1" in finding.message_zh
    assert [(c.row, c.field, c.raw) for c in finding.cells] == [(4, "amount", "约35"), (4, "claim_no", "C1")]


def test_a_value_that_was_read_from_another_column_points_at_that_one(tmp_path: Path) -> None:
    """合同期限 says when a contract starts and ends; the finding on the start quotes it, with its column."""
    catalog = load_catalog()
    sources = write(tmp_path, {"contracts": [{"contract_no": "H1", "starts_on": failed("三年"), "party_b": "张三"}]}, catalog)
    columns = tuple(replace(c, field="term", header="合同期限") if c.field == "starts_on" else c for c in sources[0].columns)
    place = next(c.index for c in columns if c.field == "term")
    case = Case("D02", "V1", "contracts", ("H1", "starts_on"), ("H1",), (Evidence("contracts", 0, ("starts_on",)),), "starts_on")
    raw = Sheet({0: {"term": "三年"}})
    told = (replace(sources[0], columns=columns),)
    (finding,) = settle((case,), catalog, settings(catalog), ORGANISATIONS, told, raw, FramePlaces(tmp_path))
    assert (finding.column, finding.actual) == (column_letters(place), "三年")
    assert [(c.header, c.raw) for c in finding.cells] == [("合同期限", "三年")]


def test_the_identity_of_a_finding_knows_neither_row_nor_value() -> None:
    moved = replace(CASE, evidence=(Evidence("claims", 7, ("amount",)),), actual="别的", amount=Decimal("9"))
    assert finding_id(moved) == finding_id(CASE) and len(finding_id(CASE)) == 16
    assert (
        len({finding_id(c) for c in (CASE, replace(CASE, rule="D01"), replace(CASE, org_code="V2"), replace(CASE, key=("C1",)))})
        == 4
    )


def test_cases_with_one_identity_are_one_finding_with_all_evidence(tmp_path: Path) -> None:
    again = replace(CASE, evidence=(Evidence("claims", 1, ("amount",)),))
    found, _ = settled(tmp_path, CASE, again, CASE)
    assert len(found) == 1 and {c.row for c in found[0].cells} == {4, 5}


def test_the_order_does_not_depend_on_the_order_of_the_cases(tmp_path: Path) -> None:
    others = [replace(CASE, key=(f"C{i}", "amount"), rule=rule) for i in range(3) for rule in ("F23", "D03", "D02")]
    one, _ = settled(tmp_path / "a", *others)
    two, _ = settled(tmp_path / "b", *reversed(others))
    assert one == two and [f.severity for f in one] == sorted(
        (f.severity for f in one), key=("red", "orange", "yellow", "blue").index
    )


def test_law_is_cited_when_it_was_in_force_in_the_year(tmp_path: Path) -> None:
    catalog = load_catalog()
    laws = (
        {"law_zh": "旧法", "article": "第1条", "valid_from": "1990-01-01", "valid_to": "2024-12-31"},
        {"law_zh": "现行法", "article": "第2条", "valid_from": "2025-05-01", "valid_to": ""},
        {"law_zh": "将来法", "article": "第3条", "valid_from": "2026-01-01", "valid_to": ""},
    )
    rules = {**catalog.rules, "D02": replace(catalog.rules["D02"], basis=laws)}
    (finding,), _ = settled(tmp_path, CASE, catalog=replace(catalog, rules=rules))
    assert finding.basis == "现行法第2条"


def test_without_a_card_the_finding_still_says_which_rule_and_record(tmp_path: Path) -> None:
    catalog = load_catalog()
    rules = {k: v for k, v in catalog.rules.items() if k != "D02"}
    (finding,), _ = settled(tmp_path, CASE, catalog=replace(catalog, rules=rules))
    assert "D02" in finding.message_zh and "C1" in finding.message_zh and finding.severity == "yellow"


def test_the_wording_follows_the_variant(tmp_path: Path) -> None:
    base = Case("F23", "V1", "fixed_assets", ("A1",), ("A1",), variant="missing", amount=Decimal("7440"))
    (missing,), _ = settled(tmp_path / "a", base)
    (short,), _ = settled(tmp_path / "b", replace(base, variant="short", amount=None, expected="3", actual="2"))
    assert "7,440.00" in missing.message_zh and missing.message_zh != short.message_zh and "2" in short.message_zh


def test_hostile_ledger_text_stays_text(tmp_path: Path) -> None:
    (finding,), _ = settled(tmp_path, replace(CASE, records=("{0.__class__}",), key=("{x}", "amount")))
    assert "{0.__class__}" in finding.message_zh


def test_evidence_that_is_nowhere_is_left_out(tmp_path: Path) -> None:
    (finding,), _ = settled(tmp_path, replace(CASE, evidence=(Evidence("claims", 99, ("amount",)),)))
    assert (finding.source_file, finding.row, finding.cells) == ("", None, ())


def test_column_letters_run_as_in_a_spreadsheet() -> None:
    assert [column_letters(i) for i in (0, 25, 26, 51, 701, 702)] == ["A", "Z", "AA", "AZ", "ZZ", "AAA"]
