"""The village book: balances, ledgers in figures, reconciliations and hand-over, each figure held against its rows.

Outside authorities: 财会〔2023〕14号 (form 会村01: assets = liabilities + equity; 内部往来 never netted; 113 by detail; income and
distribution), 财会〔2004〕12号 (other numbers), 会计法 art. 17 and 39, 村民委员会组织法 art. 20.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest
from audited_county import audited

from auditlib.catalog.load import load_catalog
from auditlib.reports.balance_overview import AccountLine, Overview, overview, total
from auditlib.reports.book import book_page
from auditlib.reports.book_data import balance_lines
from auditlib.reports.book_figures import judged_items
from auditlib.reports.county_figures import CountyFigures, kept_figures
from auditlib.reports.findings import told_sum
from auditlib.reports.handover_status import HandoverItem, class_statuses, judged
from auditlib.reports.ledger_rows import rows_file
from auditlib.reports.markup import unbroken
from auditlib.reports.reconciled import STATES, sides_of, totals
from auditlib.reports.render import render
from auditlib.reports.view import CountyView, view_of
from auditlib.words.records import Match

D = Decimal


@pytest.fixture(scope="module")
def figures() -> CountyFigures:
    found = kept_figures(audited().audit.run, audited().audit.catalog, audited().out)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def view(figures: CountyFigures) -> CountyView:
    audit = audited().audit
    return view_of(audit.run, audit.catalog, audit.issues, "zh", None, figures)


def villages(view: CountyView) -> list[str]:
    return sorted(c for c in view.figures.ledgers if c in view.registered and view.figures.balances.get(c)) if view.figures else []


def rows_of(code: str, ledger: str) -> list[dict[str, str]]:
    text = (audited().out / rows_file(code, ledger)).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def account(code: str, closing: str, *, opening: str = "0", debit: str = "0", credit: str = "0", leaf: bool = True) -> AccountLine:
    amounts = (D(opening), D(debit), D(credit), D(closing))
    return AccountLine(1, 5, code, "", code[:3], len(code) == 3, leaf, *amounts)


# Balances


def test_current_accounts_stand_on_both_sides_and_are_never_netted() -> None:
    lines = [
        account("101", "100"), account("113", "30", leaf=False), account("11301", "80"), account("11302", "-50"), account("301", "-130"),
    ]  # fmt: skip
    found = overview(lines, "2023", {})
    assert {x.name: x.closing for x in found.assets if x.closing} == {"money": D(100), "claims": D(80)}
    assert {x.name: x.closing for x in found.liabilities if x.closing} == {"payables": D(50)}
    assert identities(found)["assets_closing"] == (D(180), D(180))


def identities(found: Overview) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    return {i.name: (i.left, i.right) for i in found.identities}


def test_the_same_number_is_another_account_before_2024() -> None:
    lines = [account("211", "-7"), account("502", "5")]
    new, old = (overview(lines, version, {}) for version in ("2023", "2004"))
    assert {x.name for x in new.liabilities if x.closing} == {"payables"} and {x.name for x in old.liabilities if x.closing} == {"wages"}
    assert {x.name for x in new.income if x.accounts} == {"investment"}
    assert {x.name for x in old.expense if x.accounts} == {"operating_expense"}


def test_income_of_the_year_less_what_was_distributed_is_what_remains() -> None:
    """年末未分配收益 = 年初 + 净收益 − 提取和分配; a loss that is closed into 收益分配 is no distribution."""
    closed = [account("501", "0", debit="900", credit="900"), account("513", "0", debit="700", credit="700")]
    profit = [*closed, account("321", "0"), account("322", "-250", opening="-100", debit="50", credit="200")]
    assert identities(overview(profit, "2023", {}))["undistributed"] == (D(250), D(250))
    loss = [account("513", "0", debit="300", credit="300"), account("322", "200", opening="-100", debit="300")]
    assert identities(overview(loss, "2023", {}))["undistributed"] == (D(-200), D(-200))


def test_an_account_that_no_chart_knows_is_named_and_makes_the_identity_differ() -> None:
    found = overview([account("101", "100"), account("202", "-100")], "2023", {})
    assert [a.code for a in found.unplaced] == ["202"]
    assert next(i.difference for i in found.identities if i.name == "assets_closing") == D(100)


def test_a_balance_that_could_not_be_read_is_unknown_and_no_nought() -> None:
    blank = dataclasses.replace(account("102", "0"), closing=None)
    found = overview([account("101", "100"), blank, account("301", "-100")], "2023", {})
    assert total(found.assets, "closing") is None and total(found.assets, "opening") == 0
    assert next(i.difference for i in found.identities if i.name == "assets_closing") is None


def test_every_chart_in_force_has_its_lines_and_each_account_stands_on_one() -> None:
    for version, chart in load_catalog().charts.items():
        codes = list(chart["accounts"])
        found = overview([account(code, "1") for code in codes], version, {})
        assert found.unplaced == (), version
        placed = Counter(c for part in (found.assets, found.liabilities, found.equity) for x in part for c in x.accounts)
        assert {c for c, n in placed.items() if n > 1} <= {"113"}, version


def test_the_lines_name_the_accounts_that_the_chart_gives_their_roles() -> None:
    """Charts and lines are two files: an account that changes its role in one must not keep it in the other."""
    for version, chart in load_catalog().charts.items():
        lines, roles = balance_lines(version), chart["roles"]
        income, expense = ({code for line in lines[name] for code in line["net"]} for name in ("income", "expense"))
        assert income == set(roles["income"]) and expense == {*roles["spending"], *roles["income_tax"]}, version
        assert next(set(x["net"]) for x in lines["equity"] if x["line"] == "unclosed") == income | expense, version
        assert lines["year_income"] == roles["result"] and lines["allocation"] == roles["allocation"], version
        assert lines["undistributed"] == [*roles["result"], *roles["allocation"]], version
        registers = {r["field"]: [r["account"]] for r in lines["registers"]}
        assert registers == {"original_value": roles["fixed_assets"], "accumulated_depreciation": roles["depreciation"]}, version


def test_the_balances_of_a_book_are_those_of_the_trial_balance(view: CountyView) -> None:
    assert len(villages(view)) >= 2
    names = ("fiscal_year", "account_code", "closing_debit", "closing_credit")
    year, number, debit, credit = (view.catalog.ledgers["trial_balance"].fields[name].zh for name in names)
    for code in villages(view):
        rows = [r for r in rows_of(code, "trial_balance") if r[year] == str(view.run.fiscal_year) and r[number] in ("101", "102")]
        book = sum(D(r[debit] or 0) - D(r[credit] or 0) for r in rows)
        lines = view.figures.balances[code] if view.figures else ()
        assert overview(lines, "2023", {}).assets[0].closing == book


# Ledgers in figures


def test_the_figures_of_each_ledger_are_the_sums_of_the_rows_that_they_open(view: CountyView) -> None:
    catalog, looked = view.catalog, 0
    for code in villages(view):
        for f in view.figures.ledgers[code] if view.figures else ():
            rows = rows_of(code, f.ledger)
            if f.ledger in ("trial_balance", "agency_trial_balance"):
                continue  # only accounts of the first level are added up
            assert len(rows) == f.rows, f.ledger
            for name, amount in zip(f.summed, f.sums, strict=True):
                cells = [r[catalog.ledgers[f.ledger].fields[name].zh] for r in rows]
                assert amount == (sum(map(D, filter(None, cells))) if any(cells) else None), (f.ledger, name)
                looked += 1
    assert looked > 50


def test_what_is_broken_down_adds_up_to_the_whole(figures: CountyFigures) -> None:
    looked = 0
    for f in (f for ledgers in figures.ledgers.values() for f in ledgers):
        for parts in (*f.parts.values(), *([f.terms] if f.terms else ())):
            assert sum(p.rows for p in parts) == f.rows
            for n, whole in enumerate(f.sums):
                assert sum((p.sums[n] or D(0) for p in parts), D(0)) == (whole or 0)
            looked += 1
    assert looked > 20


def test_contracts_are_running_ended_or_not_begun_on_the_cut_off_date(view: CountyView) -> None:
    as_of = view.run.as_of.isoformat()
    for code in villages(view):
        f = next((f for f in view.figures.ledgers[code] if f.ledger == "contracts"), None) if view.figures else None
        if f is None:
            continue
        ends_on = view.catalog.ledgers["contracts"].fields["ends_on"].zh
        ended = sum(bool(r[ends_on]) and r[ends_on] < as_of for r in rows_of(code, "contracts"))
        assert {p.value: p.rows for p in f.terms}.get("ended", 0) == ended


def test_figures_are_the_same_whatever_the_order_of_the_files(figures: CountyFigures) -> None:
    again = kept_figures(audited().audit.run, audited().audit.catalog, audited().out)
    assert again == figures


# Reconciliations


def test_of_each_side_matched_differing_one_sided_and_unclear_lines_are_all_lines(view: CountyView) -> None:
    looked = 0
    for code in villages(view):
        for name in {m.reconciliation for m in view.matches.get(code, ())}:
            matches = [m for m in view.matches[code] if m.reconciliation == name]
            counts = totals(matches)
            assert set(counts) == set(STATES)
            for side in (0, 1):
                assert sum(c[side] for c in counts.values()) == sum(m.lines[side] for m in matches)
            looked += 1
        listed = rows_of(code, "matches")
        assert len(listed) == len(view.matches.get(code, ()))
    assert looked > 5


def test_a_column_compared_by_its_total_stands_by_its_label(view: CountyView) -> None:
    compared = Match("fixed_assets__trial_balance", "1", "original_value", "151", "sum", D("-6800.00"))
    assert sides_of(view, compared) == ("原值", "151")
    lone = Match("bank_statement__journal", "1", "", "记字第1号", "unmatched", None)
    assert sides_of(view, lone) == ("—", "记字第1号")


# Findings


def test_no_name_of_the_program_and_no_code_of_a_period_stands_in_a_book(view: CountyView) -> None:
    """Figures carry their unit in the head; a quarter is said as people say it; ledger texts are left as they are."""
    quarters = [f for f in view.run.findings if any(re.fullmatch(r"\d{4}Q[1-4]", r) for r in f.records)]
    assert quarters, "the county has a finding of a quarter"
    assert all(re.search(r"\d{4}年第[1-4]季度", f.message_zh) and not re.search(r"\d{4}Q[1-4]", f.message_zh) for f in quarters)
    for code in villages(view):
        page = render(book_page(view, code))
        assert "<td>original_value</td>" not in page and "账表差额（元）" in page


def test_a_sum_is_grouped_and_a_paper_number_is_not(view: CountyView) -> None:
    of_money = next(f for f in view.run.findings if f.amount is not None)
    assert told_sum(of_money, "317705.69") == "317,705.69"
    assert told_sum(dataclasses.replace(of_money, amount=None), "2021.05") == "2021.05"


def test_a_day_stays_in_one_piece_and_hostile_text_stays_text() -> None:
    assert unbroken("2026-01-31") == '<span class="nowrap">2026-01-31</span>'
    assert unbroken("<b>2026-01-31") == '&lt;b&gt;<span class="nowrap">2026-01-31</span>'


# Hand-over


def item(name: str, out: str | None, into: str | None, **given: object) -> HandoverItem:
    amounts = (None, out and D(out), None, into and D(into))
    values = {"source_id": 1, "row": 5, "number": "Y1", "item": name, "item_class": ""} | given
    return HandoverItem(*values.values(), *amounts, "甲", "乙", "丙", None, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("out", "into", "status"),
    [("5", "5", "complete"), ("5", "4", "differing"), ("5", None, "missing"), (None, None, "not_verified"), (None, "3", "not_verified")],
)
def test_an_item_is_complete_missing_differing_or_not_verified(out: str | None, into: str | None, status: str) -> None:
    assert judged([item("库存现金", out, into)], (), "zh")[0].status == status


def test_what_the_books_of_that_day_do_not_bear_out_is_a_difference() -> None:
    books = Match("handover__books", "1", "Y1 库存现金", "2025-04-06", "sum", D("12.00"))
    found = judged([item("库存现金", "5", "5")], [books], "zh")[0]
    assert (found.status, found.by_books) == ("differing", "differ")


def test_a_class_is_as_bad_as_its_worst_item_and_one_that_is_not_listed_is_not_complete() -> None:
    listed = [item("银行存款", "5", "5"), item("银行对账单", "5", None), item("会计凭证", "1", "1"), item("彩旗", "1", "1")]
    items = judged(listed, (), "zh")
    status = {c.name: c.status for c in class_statuses(items)}
    assert (status["bank"], status["vouchers"], status["other"]) == ("missing", "complete", "complete")
    assert status["seals"] == "missing", "every collective has a seal"
    assert status["projects"] == "not_verified", "whether there were any the list cannot tell"
    assert sum(len(c.items) for c in class_statuses(items)) == len(items)


def test_the_status_of_items_is_that_of_the_reconciliations(view: CountyView) -> None:
    looked = 0
    for code in villages(view):
        by_label = {i.item.label(view.run.language): i for i in judged_items(view, code)}
        for m in view.matches.get(code, ()):
            if m.reconciliation == "handover__received":
                looked += 1
                differs = m.state == "differing" or by_label[m.left].by_books == "differ"
                assert (by_label[m.left].status == "differing") == differs, m
    assert looked >= 9


# The page


def text_of(page: str, section: str) -> str:
    inside = page.split(f'<section id="{section}"', 1)[1].split("</section>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inside))


def test_a_book_has_every_part_in_the_order_of_the_specification_and_stays_light(view: CountyView) -> None:
    for code in villages(view):
        page = (audited().out / view.book(code)).read_text(encoding="utf-8")
        parts = re.findall(r'<section id="([a-z]+)" aria-labelledby', page)
        told = "summary scope balance figures reconciliations findings unrun checks lists handover signatures"
        assert parts == told.split()
        assert len(page.encode()) <= 300_000


def test_the_book_says_what_agrees_and_what_does_not(view: CountyView) -> None:
    for code in villages(view):
        told = text_of((audited().out / view.book(code)).read_text(encoding="utf-8"), "balance")
        assert view.figures is not None
        lines, ledgers = view.figures.balances[code], view.figures.ledgers[code]
        registers = {(f.ledger, n): s for f in ledgers for n, s in zip(f.summed, f.sums, strict=True)}
        expected = Counter("不符" if i.difference else "相符" for i in overview(lines, "2023", registers).identities)
        assert Counter(re.findall(r"相符|不符", told)) == expected


def test_without_kept_ledgers_the_book_says_so_and_claims_nothing(view: CountyView) -> None:
    code = villages(view)[0]
    page = render(book_page(dataclasses.replace(view, figures=None), code))
    for section in ("balance", "figures", "handover"):
        assert "没有留存台账" in text_of(page, section)
    assert "rows/" not in page


def test_books_that_follow_another_chart_get_no_overview(view: CountyView) -> None:
    code = villages(view)[0]
    assert view.figures is not None
    other = dataclasses.replace(view, figures=dataclasses.replace(view.figures, other_charts={code: "小企业会计准则"}))
    told = text_of(render(book_page(other, code)), "balance")
    assert "小企业会计准则" in told and "资产合计" not in told


def leftovers(out: Path, codes: Iterable[str]) -> set[str]:
    return {p.name for p in (out / "rows").iterdir()} - set(codes)


def test_rows_are_written_for_organisations_of_the_run_only_and_text_is_defused(view: CountyView) -> None:
    assert not leftovers(audited().out, view.stems.values())
    starts = [cell[0] for code in villages(view) for row in rows_of(code, "journal") for cell in row.values() if cell]
    assert starts and not set(starts) & set("=@\t\r")
