"""What people said about lines of the books and the bank is kept, followed by the next run, and named where its lines are gone.

Outside authority: the bank reconciliation (银行存款余额调节表) is prepared from confirmed slips: what a person has seen on a slip
stands above what a program takes for alike, and both are explained by who, when and why.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import ipywidgets
import pytest
import yaml
from ledger_frames import ORGANISATIONS, posting, settings, write
from typer.testing import CliRunner

from auditlib.audit import run_audit
from auditlib.catalog.load import load_catalog
from auditlib.checks.frames import Frames, RunInputs
from auditlib.cli.main import app_of
from auditlib.engine import open_engine
from auditlib.matching.bank import GONE
from auditlib.matching.bank_decisions import BankDecision, decide, read_bank_decisions
from auditlib.matching.reconciliation import ReconciliationOutcome
from auditlib.matching.run import run_reconciliations
from auditlib.words.errors import WorkspaceError
from auditlib.words.records import Match

CATALOG = load_catalog()
F10 = replace(CATALOG, reconciliations=tuple(r for r in CATALOG.reconciliations if r.rule == "F10"))


def book(number: str, on: str, amount: int, who: str | None = None) -> dict[str, Any]:
    return posting(number, on, "10201", debit=max(amount, 0) or None, credit=max(-amount, 0) or None, counterparty=who)


def bank(row: int, on: str, amount: int, balance: int | None = None) -> dict[str, Any]:
    line = {"account_no": "9407", "date": on, "paid_in": max(amount, 0) or None, "paid_out": max(-amount, 0) or None}
    return {**line, "counterparty": None, "memo": None, "balance": balance, "sheet_row": row}


def said(book_: Sequence[str], bank_: Sequence[str], answer: str = "same", why: str = "看过回单") -> BankDecision:
    return BankDecision("V1", tuple(book_), tuple(bank_), answer, "李审计", "2026-02-03", why)


def run(folder: Path, books: list[Any], banks: list[Any], *decisions: BankDecision) -> ReconciliationOutcome:
    sources, engine = write(folder, {"journal": books, "bank_statement": banks}), open_engine("duckdb")
    try:
        inputs = RunInputs(folder, F10, settings(F10), ORGANISATIONS, sources, engine, bank_decisions=decisions)
        found = run_reconciliations(Frames(inputs))
    finally:
        engine.close()
    assert not found.errors, found.errors
    return found


def pairs(found: ReconciliationOutcome) -> list[tuple[str, str, str]]:
    return [(m.left, m.right, m.how) for m in found.matches]


BOOKS = [book("记-1", "2025-03-04", -500), book("记-2", "2025-03-05", -500)]
BANKS = [bank(4, "2025-03-05", -500), bank(5, "2025-03-06", -500)]


def test_a_tie_becomes_certain_when_a_person_says_so(tmp_path: Path) -> None:
    before = run(tmp_path / "a", BOOKS, BANKS)
    assert all(m.state == "ambiguous" for m in before.matches)
    after = run(tmp_path / "b", BOOKS, BANKS, said(["记-1 2025-03-04 -500.00"], ["9407 2025-03-06 -500.00 #5"]))
    assert ("记-1 2025-03-04 -500.00", "9407 2025-03-06 -500.00 #5", "confirmed") in pairs(after)
    assert [m.how for m in after.matches if m.left.startswith("记-2")] == ["amount+date"]  # what is left has no rival any more


def test_a_refused_pair_is_never_made_and_its_lines_may_meet_others(tmp_path: Path) -> None:
    one = [bank(4, "2025-03-05", -500)]
    refused = said(["记-1 2025-03-05 -500.00"], ["9407 2025-03-05 -500.00 #4"], "different")
    books = [book("记-1", "2025-03-05", -500)]
    assert [m.state for m in run(tmp_path / "a", books, one).matches] == ["matched"]
    found = run(tmp_path / "b", books, one, refused)
    assert sorted(m.state for m in found.matches) == ["left_only", "right_only"]
    last = found.statements[-1]
    assert [(i.side, i.stopped_by) for i in last.items] == [("book", "refused"), ("bank", "refused")]
    with_other = run(tmp_path / "c", books, [*one, bank(5, "2025-03-07", -500)], refused)
    assert [(m.left, m.right) for m in with_other.matches if m.left] == [("记-1 2025-03-05 -500.00", "9407 2025-03-07 -500.00 #5")]


def test_a_split_told_by_a_person_clears_all_its_lines_and_the_statement_follows(tmp_path: Path) -> None:
    """One payment of the bank, three vouchers of three weeks: no window would find it."""
    books = [book("记-1", "2025-03-01", -100), book("记-2", "2025-03-10", -200), book("记-3", "2025-03-20", -300)]
    banks = [bank(4, "2025-03-25", -600, balance=400)]
    before = run(tmp_path / "a", books, banks)
    assert len(before.statements[-1].items) == 4 and before.cases
    names = [f"记-{n} {on} -{n}00.00" for n, on in ((1, "2025-03-01"), (2, "2025-03-10"), (3, "2025-03-20"))]
    after = run(tmp_path / "b", books, banks, said(names, ["9407 2025-03-25 -600.00 #4"]))
    assert after.statements[-1].items == () and not after.cases
    (match,) = after.matches
    assert (match.how, match.state, match.lines, match.difference) == ("confirmed", "matched", (3, 1), 0)


def test_a_note_stands_with_the_open_item_and_closes_nothing(tmp_path: Path) -> None:
    books = [book("记-1", "2025-03-01", -100), book("记-2", "2025-05-01", 7)]
    note = said(["记-1 2025-03-01 -100.00"], [], "note", "支票已开，对方未兑")
    found = run(tmp_path, books, [bank(4, "2025-05-01", 7)], note)
    (item,) = found.statements[-1].items
    assert item.note == "支票已开，对方未兑（李审计，2026-02-03）" and [c.records for c in found.cases] == [("9407",)]


def test_a_statement_read_anew_with_other_rows_still_finds_its_decision(tmp_path: Path) -> None:
    decision = said(["记-1 2025-03-04 -500.00"], ["9407 2025-03-06 -500.00 #5"])
    found = run(tmp_path, BOOKS, [bank(24, "2025-03-05", -500), bank(25, "2025-03-06", -500)], decision)
    assert ("记-1 2025-03-04 -500.00", "9407 2025-03-06 -500.00 #25", "confirmed") in pairs(found)


def test_the_row_tells_lines_of_one_day_and_amount_apart(tmp_path: Path) -> None:
    banks = [bank(4, "2025-03-05", -500), bank(5, "2025-03-05", -500)]
    found = run(tmp_path, BOOKS, banks, said(["记-1 2025-03-04 -500.00"], ["9407 2025-03-05 -500.00 #5"]))
    assert ("记-1 2025-03-04 -500.00", "9407 2025-03-05 -500.00 #5", "confirmed") in pairs(found)


def test_a_decision_whose_lines_are_gone_is_named_and_not_followed(tmp_path: Path) -> None:
    lost = said(["记-9 2025-03-04 -500.00"], ["9407 2025-03-06 -500.00 #5"])
    elsewhere = replace(lost, org_code="V2")
    found = run(tmp_path, BOOKS, BANKS, lost, elsewhere)
    gone = [m for m in found.matches if m.how == GONE]
    assert [(m.org_code, m.left, m.right, m.state) for m in gone] == [
        (org, "记-9 2025-03-04 -500.00", "9407 2025-03-06 -500.00 #5", "ambiguous") for org in ("V1", "V2")
    ]
    assert all("1" in r.reason and "认定" in r.reason for r in found.results if r.org_code in ("V1", "V2"))
    assert not any(m.how == "confirmed" for m in found.matches)


def test_the_last_word_stands(tmp_path: Path) -> None:
    pair = (["记-1 2025-03-04 -500.00"], ["9407 2025-03-06 -500.00 #5"])
    after_yes = run(tmp_path / "yes", BOOKS, BANKS, said(*pair, "different"), said(*pair))
    assert "confirmed" in {m.how for m in after_yes.matches}
    after_no = run(tmp_path / "no", BOOKS, BANKS, said(*pair), said(*pair, "different"))
    assert (*(x[0] for x in pair), "confirmed") not in pairs(after_no)
    assert not any(m.left == pair[0][0] and m.right == pair[1][0] for m in after_no.matches)


def test_a_decision_that_a_later_one_replaces_is_not_told_as_lost(tmp_path: Path) -> None:
    """The file keeps both for good; its lines are all there, so nobody has to look again."""
    line, first, second = "记-1 2025-03-04 -500.00", "9407 2025-03-06 -500.00 #5", "9407 2025-03-05 -500.00 #4"
    found = run(tmp_path, BOOKS, BANKS, said([line], [first]), said([line], [first]), said([line], [second]))
    assert (line, second, "confirmed") in pairs(found) and not any(m.how == GONE for m in found.matches)
    assert [m.how for m in found.matches if m.left.startswith("记-2")] == ["amount+window"]


# --- the file -----------------------------------------------------------------------------------------------------------


def test_decisions_are_added_and_read_again_in_order(tmp_path: Path) -> None:
    one, two = said(["记-1 2025-03-04 -5.00"], ["9407 2025-03-06 -5.00 #5"]), said(["记-2 2025-03-04 1.00"], [], "note")
    path = decide(tmp_path, one)
    assert decide(tmp_path, two) == path == tmp_path / "mappings" / "bank" / "bank.yaml"
    assert read_bank_decisions(tmp_path) == (one, two)


@pytest.mark.parametrize(
    ("decision", "told"),
    [
        (said(["记-1 2025-03-04 -5.00"], ["9407 2025-03-06 -6.00 #5"]), "金额不相等"),
        (said(["记-1 2025-03-04 -5.00"], []), "两边"),
        (said([], [], "note"), "哪一笔"),
        (said(["记-1"], ["9407 2025-03-06 -6.00 #5"]), "哪一笔"),
        (said(["记-1 2025-03-04 -5.00"], ["9407 2025-03-06 -5.00 #5"], why=" "), "依据"),
        (replace(said(["记-1 2025-03-04 -5.00"], ["9407 2025-03-06 -5.00 #5"]), by=""), "谁"),
    ],
)
def test_a_decision_that_cannot_hold_is_refused_with_what_to_do(tmp_path: Path, decision: BankDecision, told: str) -> None:
    with pytest.raises(WorkspaceError, match=told):
        decide(tmp_path, decision)
    assert read_bank_decisions(tmp_path) == ()


def test_a_file_that_was_edited_into_nonsense_is_named(tmp_path: Path) -> None:
    path = decide(tmp_path, said(["记-1 2025-03-04 -5.00"], ["9407 2025-03-06 -5.00 #5"]))
    path.write_text(path.read_text(encoding="utf-8").replace("answer: same", "answer: maybe"), encoding="utf-8")
    with pytest.raises(WorkspaceError, match="mappings/bank/bank.yaml › bank › 1"):
        read_bank_decisions(tmp_path)


# --- the command and the page -------------------------------------------------------------------------------------------

AT = dt.datetime(2026, 2, 3, 9, tzinfo=dt.UTC)


def county(folder: Path) -> Path:
    """One village with two payments of one amount that the bank shows the other way round."""
    place = folder / "汀岚县"
    village = place / "白鹭镇" / "新寨村"
    village.mkdir(parents=True)
    (place / "audit.toml").write_text('county = "汀岚县"\nfiscal_year = 2025\nas_of = 2026-01-31\nlanguage = "zh"\n', encoding="utf-8")
    tables = {
        place / "组织名录.csv": [
            ["组织代码", "组织名称", "层级", "上级代码"], ["990401", "汀岚县", "县", ""], ["990401101", "白鹭镇", "乡镇", "990401"],
            ["990401101201", "新寨村股份经济合作联合社", "村", "990401101"],
        ],
        village / "记账凭证.csv": [
            ["日期", "凭证号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额"],
            *(line for n, day in ((1, "04"), (2, "05")) for line in (
                [f"2025-03-{day}", f"记-{n}", "付款", "514", "公益支出", "500", ""],
                [f"2025-03-{day}", f"记-{n}", "付款", "10201", "银行存款", "", "500"],
            )),
        ],
        village / "银行流水.csv": [
            ["账号", "交易日期", "支出", "收入", "余额", "对方户名", "摘要"],
            ["6228480000009407", "2025-03-05", "500", "", "9500", "", ""], ["6228480000009407", "2025-03-06", "500", "", "9000", "", ""],
        ],
    }  # fmt: skip
    for path, rows in tables.items():
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return place


def bank_matches(folder: Path) -> tuple[Match, ...]:
    return tuple(m for m in run_audit(folder / "汀岚县", folder / "out", today=AT.date(), at=AT).run.matches if "bank" in m.reconciliation)


def call(folder: Path, *more: str) -> tuple[int, str, str]:
    asked = ["bank", str(folder / "汀岚县"), "--out", str(folder / "out"), *more]
    done = CliRunner().invoke(app_of(["bank"]), asked, env={"AUDITLIB_AS": ""})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def test_the_command_lists_what_waits_takes_an_answer_and_the_next_audit_follows_it(tmp_path: Path) -> None:
    county(tmp_path)
    assert {m.state for m in bank_matches(tmp_path)} == {"ambiguous"}
    status, out, _ = call(tmp_path, "--json")
    lines = json.loads(out)["lines"]
    assert status == 1 and [line["book"] for line in lines] == ["记-1 2025-03-04 -500.00", "记-2 2025-03-05 -500.00"]
    right = next(line["bank"] for line in lines if "2025-03-06" in line["bank"])
    status, _, told = call(tmp_path, "--same", "记-1 2025-03-04 -500.00", right[:-1] + "99", "--as", "李审计", "--why", "回单")
    assert status == 2 and right in told  # the nearest line is named
    status, said_, told = call(tmp_path, "--same", "记-1 2025-03-04 -500.00", right, "--as", "李审计", "--why", "回单")
    assert status == 1 and "已记下" in told and "李审计" in said_
    kept = yaml.safe_load((tmp_path / "汀岚县" / "mappings" / "bank" / "bank.yaml").read_text(encoding="utf-8"))["bank"]
    assert [(e["answer"], e["by"], e["why"]) for e in kept] == [("same", "李审计", "回单")]
    after = bank_matches(tmp_path)
    assert {m.how for m in after} == {"confirmed", "amount+date"} and {m.state for m in after} == {"matched"}
    assert call(tmp_path)[0] == 0
    assert call(tmp_path, "--note", "记-1 2025-03-04 -500.00", "--as", "李审计")[0] == 2  # a note without words


def test_the_page_chooses_lines_and_writes_what_the_command_writes(tmp_path: Path) -> None:
    from auditlib.workbook.bank_panel import BankPanel

    place = county(tmp_path)
    audit = run_audit(place, tmp_path / "out", today=AT.date(), at=AT)
    people: list[Any] = [None]
    panel = BankPanel(place, lambda: people[0], AT.date)
    panel.show(audit)
    assert isinstance(panel.box, ipywidgets.VBox) and panel.waiting == 2 and len(panel.book.options) == len(panel.bank.options) == 2
    panel.book.value, panel.bank.value, panel.why.value = panel.book.options[:1], panel.bank.options[1:], "看过回单"
    panel.same.click()
    assert read_bank_decisions(place) == ()  # nobody is acting
    people[0] = _person()
    panel.same.click()
    (made,) = read_bank_decisions(place)
    assert (made.book, made.bank, made.answer, made.by) == (panel.book.options[:1], panel.bank.options[1:], "same", "李审计")
    assert "已记下" in panel.message.value and "李审计" in panel.list.value
    panel.book.value, panel.why.value = panel.book.options[:1], ""
    panel.note.click()
    assert "依据或备注" in panel.message.value and len(read_bank_decisions(place)) == 1


def _person() -> Any:
    from types import SimpleNamespace

    return SimpleNamespace(person_id="李审计", name="李审计")


def test_lines_of_two_accounts_are_refused_when_they_are_told_to_be_one_and_may_carry_a_note(tmp_path: Path) -> None:
    lines = ["9407 2025-03-06 -3.00 #5", "9408 2025-03-06 -2.00 #6"]
    with pytest.raises(WorkspaceError, match="9407、9408"):
        decide(tmp_path, said(["记-1 2025-03-04 -5.00"], lines))
    assert not (tmp_path / "mappings").exists()
    decide(tmp_path, said(["记-1 2025-03-04 -5.00"], lines, "note"))
    assert [d.answer for d in read_bank_decisions(tmp_path)] == ["note"]
