"""A row taken out of the ledger and another put in its place is not put right: the run sees that the record is gone, and says so.

Outside authorities: 会计法 第二十三条 and 会计档案管理办法 (vouchers and ledgers are kept, none is taken out), 企业会计准则/村集体经济
组织会计制度: a wrong voucher is reversed in red (红字冲销) and stays; 农村集体资产 written off leaves the ledger with a decision.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from audited_county import audited
from register_cases import AS_OF, AT, LATER, MONEY_BACK, VERIFIED, VILLAGE, WAY, check, finding, papers, run, staffed, walk

from auditlib.catalog.load import load_catalog
from auditlib.issues.closing import lacks, load_closing
from auditlib.issues.events import Kind
from auditlib.issues.issue import Issue
from auditlib.issues.letters import items_of
from auditlib.issues.lists import deadline_list, problem_list, responsibility_list
from auditlib.issues.register import Register
from auditlib.issues.return_form import sent_row
from auditlib.issues.standing import Gone, LedgerRows, Place, asked_back, gone_told, state_told
from auditlib.issues.telling import said

CARDS = load_catalog().rules
CLEAN = (check("passed", rule="F02", ledger="receipts"),)
HELD: dict[Place, int] = {("receipts", VILLAGE, "HT-1"): 12, ("contracts", VILLAGE, "HT-1"): 1}


class Books:
    """Ledgers in which each place has so many rows; notes what was asked for."""

    def __init__(self, *rows: Mapping[Place, int]) -> None:
        self.rows = {place: n for each in rows for place, n in each.items()}
        self.asked: set[Place] = set()

    def count(self, wanted: Collection[Place]) -> Mapping[Place, int]:
        self.asked |= set(wanted)
        return {place: self.rows[place] for place in wanted if self.rows.get(place)}


def rent(**other: Any) -> Any:
    """Rent of a contract that came in without a voucher (F02)."""
    return finding("HT-1", rule="F02", ledger="receipts", **other)


@pytest.fixture
def register(tmp_path: Path) -> Iterator[Register]:
    with staffed(tmp_path / "register.db") as opened:
        run(opened, finding(), rent(), checks=(check(), check(rule="F02", ledger="receipts")), rows=Books(HELD))
        yield opened


def matter(register: Register, rule: str = "F02") -> Issue:
    return next(i for i in register.issues(AS_OF) if i.rule == rule)


def test_a_finding_keeps_under_how_many_rows_its_records_stand(register: Register) -> None:
    assert matter(register).findings[0].standing == (("contracts", "HT-1", 1), ("receipts", "HT-1", 12))
    raised = next(e for e in register.events(matter(register).issue_id) if e.kind is Kind.RAISED)
    assert raised.payload["standing"] == {"contracts": {"HT-1": 1}, "receipts": {"HT-1": 12}}


def test_a_contract_replaced_by_another_is_told_though_the_count_stays(register: Register) -> None:
    books = Books({("receipts", VILLAGE, "HT-2"): 12, ("contracts", VILLAGE, "HT-2"): 1})
    run(register, finding(), checks=CLEAN, rows=books)
    issue = matter(register)
    assert issue.cleared_by and issue.cleared_fewer is None
    assert issue.gone == (Gone("contracts", "HT-1", 1, 0), Gone("receipts", "HT-1", 12, 0))
    event = register.events(issue.issue_id)[-1]
    assert "合同台账" in said(event, "zh") and "HT-1" in said(event, "en") and register.check().is_whole


def test_the_verifier_says_where_it_went_before_it_is_closed(register: Register) -> None:
    run(register, finding(), checks=CLEAN, rows=Books())
    issue_id = matter(register).issue_id
    walk(register, issue_id, WAY, papers("F02"), MONEY_BACK, VERIFIED)
    (missing,) = lacks(matter(register), load_closing(), CARDS)
    assert missing.key == "issues.refused.gone" and "HT-1" in missing.told("zh") and "HT-1" in missing.told("en")
    register.act(issue_id, Kind.RETURNED, by="审计甲", at=AT, reason="合同从台账里删掉了", deadline=LATER)
    walk(register, issue_id, WAY[2:])
    seen = "HT-1 与 HT-2 为同一合同换号，已对照合同原件"
    register.act(issue_id, Kind.VERIFIED, by="审计甲", at=AT, result="属实", seen_on_site=seen)
    register.act(issue_id, Kind.CLOSED, by="审计甲", at=AT)


def test_one_of_several_rows_of_a_contract_is_told_as_fewer(register: Register) -> None:
    """A due rent deleted from 收款台账 while another contract gets one more row: the count of the ledger stays."""
    run(register, finding(), checks=CLEAN, rows=Books(HELD, {("receipts", VILLAGE, "HT-1"): 11}))
    (gone,) = matter(register).gone
    assert gone == ("receipts", "HT-1", 12, 11) and gone_told([gone], "zh") == "合同收款台账里“HT-1”由 12 行减为 11 行"


def test_put_right_in_place_nothing_is_told(register: Register) -> None:
    """The voucher number was filled in; a reversal in red (红字冲销) leaves the old row and adds one."""
    run(register, finding(), checks=CLEAN, rows=Books(HELD, {("receipts", VILLAGE, "HT-1"): 13}))
    assert matter(register).cleared_by and matter(register).gone == ()


def test_moved_to_another_village_it_is_gone_here(register: Register) -> None:
    run(register, finding(), checks=CLEAN, rows=Books({(ledger, "530323101202", "HT-1"): n for (ledger, _, _), n in HELD.items()}))
    assert len(matter(register).gone) == 2


@pytest.mark.parametrize("records", [("2025",), ("合计",), ("记-007",), ()], ids=["a year", "a total", "a number left out", "none"])
def test_what_never_stood_in_a_ledger_cannot_be_gone(tmp_path: Path, records: tuple[str, ...]) -> None:
    with staffed(tmp_path / "r.db", finding()) as register:
        run(register, finding(), finding("甲", rule="D15", records=records), rows=Books(HELD))
        run(register, finding(), checks=(check("passed", rule="D15"),), rows=Books())
        assert matter(register, "D15").cleared_by and matter(register, "D15").gone == ()


@pytest.mark.parametrize(("rule", "is_told"), [("D03", False), ("D19", False), ("F22", True)])
def test_where_the_row_or_its_number_has_to_go_it_is_no_news(tmp_path: Path, rule: str, is_told: bool) -> None:
    """A key that stands twice, an account that the chart does not have: putting right takes the number away."""
    place = ("trial_balance", VILLAGE, "202")
    with staffed(tmp_path / "r.db", finding()) as register:
        run(register, finding(), finding("202", rule=rule, ledger="trial_balance"), rows=Books({place: 2}))
        run(register, finding(), checks=(check("passed", rule=rule, ledger="trial_balance"),), rows=Books())
        assert bool(matter(register, rule).gone) is is_told


def test_a_register_of_before_records_were_noted_is_cleared_as_then(tmp_path: Path) -> None:
    with staffed(tmp_path / "r.db", rent()) as register:
        run(register, checks=CLEAN, rows=Books())
        assert matter(register).cleared_by and matter(register).gone == ()


def test_found_again_or_opened_again_it_is_asked_anew(register: Register) -> None:
    run(register, finding(), checks=CLEAN, rows=Books())
    run(register, finding(), rent(), checks=(check(rule="F02", ledger="receipts"),), rows=Books(HELD))
    assert matter(register).gone == () and matter(register).cleared_by == ""
    run(register, finding(), checks=CLEAN, rows=Books())
    register.act(matter(register).issue_id, Kind.ACCEPTED, by="镇经办", at=AT)
    assert len(matter(register).gone) == 2


def test_only_the_records_of_open_matters_are_looked_for(register: Register) -> None:
    run(register, finding(), checks=CLEAN, rows=Books(HELD))
    books = Books(HELD)
    run(register, finding(), checks=CLEAN, rows=books)
    assert {record for _, _, record in books.asked} == {"记-001"}  # that of F02 waits for its verification already


def test_every_list_the_letter_and_the_form_show_it(register: Register) -> None:
    run(register, finding(), checks=CLEAN, rows=Books())
    issue = matter(register)
    for rows in (problem_list([issue], CARDS), responsibility_list([issue], CARDS, ()), deadline_list([issue])):
        assert rows[0].gone == issue.gone
    assert state_told("待核查", issue.gone, "zh") == "待核查（账上记录少了）"
    assert state_told("for verification", issue.gone, "en") == "for verification (records gone)"
    assert state_told("待核查", (), "zh") == "待核查"
    asked = asked_back(issue.gone, "zh")
    assert "HT-1" in asked and "HT-1" in asked_back(issue.gone, "en") and asked_back((), "zh") == ""
    (item,) = items_of([issue], {"F02": "补记凭证。"})
    assert item.evidence == f"补记凭证。{asked}"
    assert sent_row(1, issue, CARDS, register.rules.transitions).cells["way"].endswith(asked)


# The ledgers as an audit leaves them


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> LedgerRows:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("ledgers")
    journal = {"org_code": [VILLAGE, VILLAGE, VILLAGE, "x", None], "voucher_no": ["记-1", "记-1", "记-2", "记-1", "记-1"]}
    pq.write_table(pa.table({**journal, "line_no": [1, 2, 1, 1, 1]}), folder / "journal.parquet", row_group_size=2)
    balance = {"org_code": [VILLAGE, VILLAGE], "fiscal_year": [2024, 2025], "account_code": ["101", "101"]}
    pq.write_table(pa.table(balance), folder / "trial_balance.parquet")
    return LedgerRows(folder, load_catalog())


def test_rows_are_counted_by_natural_key_and_organisation(ledgers: LedgerRows) -> None:
    asked = {("journal", VILLAGE, "记-1"), ("journal", VILLAGE, "记-3"), ("journal", VILLAGE, "1"), ("trial_balance", VILLAGE, "101"),
             ("trial_balance", VILLAGE, "2025"), ("contracts", VILLAGE, "记-1"), ("no such ledger", VILLAGE, "记-1")}
    assert ledgers.count(asked) == {("journal", VILLAGE, "记-1"): 2, ("trial_balance", VILLAGE, "101"): 2}
    assert ledgers.count(()) == {}


def test_an_audit_notes_what_stands_in_its_ledgers_and_nothing_else() -> None:
    """Contracts, claims and assets by their numbers; a year and the label of a total stand in none."""
    made = audited()
    with Register.open_existing(made.out / "register.db") as register:
        refs = [(issue, ref) for issue in register.issues(AS_OF) for ref in issue.findings]
    by_number = [(issue, ref) for issue, ref in refs if ref.rule in ("F13", "F24", "F31", "F32", "F33", "F35", "D16")]
    assert by_number and all({record for _, record, _ in ref.standing} == set(issue.records) for issue, ref in by_number)
    by_year = [ref for _, ref in refs if ref.rule in ("D05", "D12")]
    assert by_year and [ref for ref in by_year if ref.standing] == []
