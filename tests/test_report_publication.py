"""公开表: what goes on the notice board, masked, and equal to the books to the fen.

Outside authority: 129 of 129 published in 25 days with no open objection (水富二溪村); 农村集体经济组织法 article 45 and 村民委员会组织法
article 30 (what is published, and how often); 民法典 article 201 (the first day is not counted); 个人信息保护法 articles 6 and 28.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from audited_county import audited as made_once
from issue_cases import at, raised
from reports_sample import ACCOUNT, FORMULA, ID_NO, PHONE, SCRIPT
from test_reports import read
from typer.testing import CliRunner

from auditlib.catalog.load import load_catalog
from auditlib.cli.report import report_app
from auditlib.issues.events import Event, Kind
from auditlib.issues.issue import Issue, fold_all
from auditlib.issues.policy import load_clock
from auditlib.reports.publication import Objections, period_of
from auditlib.reports.publication_books import chart_words
from auditlib.reports.publication_masking import Veil
from auditlib.reports.publication_standing import standing_of
from auditlib.reports.publication_ties import Tie, differing
from auditlib.words.errors import WorkspaceError

AS_OF = dt.date(2026, 1, 31)


@pytest.fixture(scope="module")
def audited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of an audit of two villages and their groups, to be written into."""
    return Path(shutil.copytree(made_once().out, tmp_path_factory.mktemp("publication") / "out"))


@cache
def published(audited: Path, *more: str) -> dict[str, object]:
    """What the command said the first time that it was called so."""
    return written(audited, *more)


def written(audited: Path, *more: str) -> dict[str, object]:
    done = CliRunner().invoke(report_app, ["publication", str(audited), "--json", *more])
    assert done.exit_code in (0, 1), done.output
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def sheets_of(told: dict[str, object]) -> list[dict[str, object]]:
    return told["sheets"]  # type: ignore[return-value]


def test_every_organisation_has_a_sheet_or_a_reason(audited: Path) -> None:
    told = published(audited, "--period", "2025Q4")
    sheets = sheets_of(told)
    assert len(sheets) == told["due"] >= 2
    assert {s["state"] for s in sheets} <= {"made", "refused", "missing"}
    for sheet in sheets:
        assert bool(sheet["files"]) == (sheet["state"] == "made")
        assert sheet["reasons"] if sheet["state"] != "made" else not sheet["reasons"]
        assert all((audited / str(file)).is_file() for file in sheet["files"])  # type: ignore[attr-defined]
    index = read(audited / "publication" / "2025Q4" / "index.html").text
    assert all(str(s["name"]) in index for s in sheets)


def journal(audited: Path, org: str) -> list[dict[str, object]]:
    import duckdb

    frame = duckdb.sql(f"select * from '{audited / 'ledgers' / 'journal.parquet'}' where org_code = '{org}'")
    return frame.to_arrow_table().to_pylist()


def amounts_of(workbook: Path, sheet: int, label: str) -> list[Decimal]:
    rows = openpyxl.load_workbook(workbook).worksheets[sheet].iter_rows(values_only=True)
    return [Decimal(str(row[-1])) for row in rows if any(isinstance(cell, str) and cell == label for cell in row)]


@pytest.mark.parametrize("period", ["2025Q4", "2025-06", "2025"])
def test_income_and_spending_are_those_of_the_journal_without_the_closing_entries(audited: Path, period: str) -> None:
    """The figures of the workbook, added up anew from the ledger by hand."""
    made = [s for s in sheets_of(published(audited, "--period", period)) if s["state"] == "made"]
    assert made, "without a sheet this test would look at nothing"
    span = period_of(period, 2025, "quarter", AS_OF)
    for sheet in made:
        rows = journal(audited, str(sheet["org_code"]))
        closing = {(r["voucher_no"], r["date"]) for r in rows if str(r["account_code"]).startswith("321")}
        inside = [r for r in rows if span.first <= r["date"] <= span.last and (r["voucher_no"], r["date"]) not in closing]  # type: ignore[operator]
        for place, (label, prefix, plus, minus) in enumerate(
            (("本期收入合计", "50", "credit", "debit"), ("本期支出合计", "51", "debit", "credit")), 1
        ):
            fen = sum((r[plus] or 0) - (r[minus] or 0) for r in inside if str(r["account_code"]).startswith(prefix))  # type: ignore[operator]
            told = amounts_of(audited / str(sheet["files"][1]), place, label)  # type: ignore[index]
            assert told == ([Decimal(fen).scaleb(-2)] if told or fen else []), (sheet["name"], label)


def test_start_plus_in_minus_out_is_the_end(audited: Path) -> None:
    sheet = next(s for s in sheets_of(published(audited, "--period", "2025Q4")) if s["state"] == "made")
    rows = openpyxl.load_workbook(audited / str(sheet["files"][1])).worksheets[3].iter_rows(values_only=True)  # type: ignore[index]
    start, came, went, end = next([Decimal(str(v)) for v in row[1:5]] for row in rows if row[0] == "合计")
    assert start + came - went == end


def test_a_sheet_that_differs_is_refused_and_as_a_draft_says_so_on_every_page(audited: Path, tmp_path: Path) -> None:
    """One amount of the kept trial balance changed by a fen: the sheet that was made is taken away again."""
    import duckdb

    out = tmp_path / "out"
    first = next(s for s in sheets_of(published(audited, "--period", "2025Q4")) if s["state"] == "made")
    shutil.copytree(audited, out)
    org, page = str(first["org_code"]), out / str(first["files"][0])  # type: ignore[index]
    ledger = out / "ledgers" / "trial_balance.parquet"
    changed = duckdb.sql(
        f"select * replace (case when org_code = '{org}' and account_code = '513' and fiscal_year = 2025 then debit + 1 else debit end"
        f" as debit) from '{ledger}'"
    ).to_arrow_table()
    import pyarrow.parquet as pq

    pq.write_table(changed, ledger)
    again = next(s for s in sheets_of(written(out, "--period", "2025Q4", "--for", org)) if s["org_code"] == org)
    assert again["state"] == "refused" and "-0.01" in again["reasons"][0] and not page.exists()  # type: ignore[index]
    draft = next(s for s in sheets_of(written(out, "--period", "2025Q4", "--for", org, "--draft")) if s["org_code"] == org)
    assert draft["state"] == "draft"
    assert '<body class="notice draft">' in page.read_text("utf-8") and "@top-center{content:\"草稿 · 不得张贴\"" in page.read_text("utf-8")
    book = openpyxl.load_workbook(out / str(draft["files"][1]))  # type: ignore[index]
    assert all("草稿" in (sheet.oddHeader.right.text or "") for sheet in book.worksheets)


def test_the_workbook_prints_on_a4_and_holds_no_formula(audited: Path) -> None:
    sheet = next(s for s in sheets_of(published(audited, "--period", "2025Q4")) if s["state"] == "made")
    book = openpyxl.load_workbook(audited / str(sheet["files"][1]))  # type: ignore[index]
    assert len(book.worksheets) == 10
    for page in book.worksheets:
        assert page.page_setup.paperSize == 9 and page.sheet_properties.pageSetUpPr.fitToPage
        assert not any(cell.data_type == "f" for row in page.iter_rows() for cell in row)


def test_the_same_call_writes_the_same_bytes(audited: Path) -> None:
    files = [audited / str(f) for s in sheets_of(published(audited, "--period", "2025Q4")) for f in s["files"]]  # type: ignore[attr-defined]
    before = [file.read_bytes() for file in files]
    written(audited, "--period", "2025Q4")
    assert [file.read_bytes() for file in files] == before and len(files) >= 2


def test_no_full_name_or_number_of_a_person_stands_on_a_sheet(audited: Path) -> None:
    import duckdb

    looked = 0
    for sheet in (s for s in sheets_of(published(audited, "--period", "2025")) if s["state"] == "made"):
        text, org = read(audited / str(sheet["files"][0])).text, sheet["org_code"]  # type: ignore[index]
        people = duckdb.sql(f"select name, id_no from '{audited / 'ledgers' / 'members.parquet'}' where org_code = '{org}'").fetchall()
        banks = audited / "ledgers" / "bank_accounts.parquet"
        accounts = duckdb.sql(f"select account_no from '{banks}' where org_code = '{org}'").fetchall()
        looked += len(people) + len(accounts)
        assert not [name for name, _ in people if name in text]
        assert not [number for _, number in people if number and number in text]
        assert all(f"****{number[-4:]}" in text and number not in text for (number,) in accounts)
    assert looked > 20, "a county without people would show nothing"


def test_an_unconfirmed_suspicion_is_counted_and_not_told(audited: Path) -> None:
    """The first run has raised matters that nobody has accepted: no sheet names one."""
    for sheet in (s for s in sheets_of(published(audited, "--period", "2025Q4")) if s["state"] == "made"):
        page = (audited / str(sheet["files"][0])).read_text("utf-8")  # type: ignore[index]
        part = page[page.index('id="matters"'):page.index('id="checked"')]
        assert "没有已核实的问题" in part
        with (audited / "findings.csv").open(encoding="utf-8-sig", newline="") as lines:
            mine = [row for row in csv.DictReader(lines) if row["org_code"] == sheet["org_code"]]
        assert ("件正在核实" in part) == bool(mine)
        assert not [row for row in mine if row["message_zh"] in part]


def test_a_period_that_the_year_does_not_have_is_refused_with_candidates(audited: Path) -> None:
    done = CliRunner().invoke(report_app, ["publication", str(audited), "--period", "2025Q5"])
    assert done.exit_code == 2 and "2025Q5" in done.output and "2025Q4" in done.output
    done = CliRunner().invoke(report_app, ["publication", str(audited), "--for", "没有这个村"])
    assert done.exit_code == 2 and "没有这个村" in done.output


def test_a_period_that_is_not_over_is_no_more_than_a_draft(audited: Path) -> None:
    from dataclasses import replace

    from auditlib.reports.publication import boards
    from auditlib.reports.results import open_results
    from auditlib.reports.view import view_of

    results = open_results(audited)
    early = replace(results, run=replace(results.run, as_of=dt.date(2025, 12, 30)))
    view = view_of(early.run, early.catalog, (), "zh")
    code = sorted(view.registered)[-1]
    period = period_of("2025Q4", 2025, "quarter", AS_OF)
    told = [reason for board in boards(early, view, [code, *view.registered], period, AS_OF, None) for reason in board.reasons]
    assert any("2025-12-31 才结束" in reason for reason in told)


# --- periods and objections -------------------------------------------------------------------------------------------------


def test_a_period_is_a_month_a_quarter_or_a_year_of_the_books() -> None:
    told = {name: period_of(name, 2025, "quarter", AS_OF) for name in ("2025-02", "2025Q4", "2025")}
    assert [(p.first, p.last) for p in told.values()] == [
        (dt.date(2025, 2, 1), dt.date(2025, 2, 28)), (dt.date(2025, 10, 1), dt.date(2025, 12, 31)),
        (dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
    ]  # fmt: skip
    assert [p.told("zh") for p in told.values()] == ["2025年2月", "2025年第4季度", "2025年度"]
    assert period_of("", 2025, "quarter", dt.date(2025, 8, 3)).name == "2025Q2"
    assert period_of("", 2025, "month", dt.date(2025, 8, 3)).name == "2025-07"
    with pytest.raises(WorkspaceError, match="2024Q1"):
        period_of("2024Q1", 2025, "quarter", AS_OF)


def test_the_day_of_posting_is_not_counted() -> None:
    """民法典 article 201: a period counted in days begins on the day after."""
    told = Objections(dt.date(2026, 1, 20), 7, "监督委员会")
    assert (told.first, told.last) == (dt.date(2026, 1, 21), dt.date(2026, 1, 27))


def objections(count: int, closed: int) -> tuple[Issue, ...]:
    events = []
    for n in range(count):
        steps = [(Kind.RAISED, at("2025-03-10"), raised(str(n), source="objection", source_no=str(n)))]
        steps += [(Kind.CLOSED, at("2025-03-20"), {})] if n < closed else []
        for version, (kind, when, told) in enumerate(steps, 1):
            events.append(Event(f"EV-{n}-{version}", f"WT-{n}", len(events) + 1, version, kind, when, "核查员", told, "", ""))
    return fold_all(events, clock=load_clock(), as_of=dt.date(2025, 4, 30))


def houses(last: int = 25) -> list[tuple[str, dt.date]]:
    """129 houses published over 25 days, as rows of a register of disclosures."""
    return [(f"房屋{n:03d}", dt.date(2025, 3, 1) + dt.timedelta(days=n * (last - 1) // 128)) for n in range(129)]


def test_129_of_129_published_in_25_days_with_no_objection_left() -> None:
    """水富二溪村: all 129 houses and their owners' data, judged by all, done in 25 days without a dispute."""
    due = {house for house, _ in houses()}
    told = standing_of(due, houses(), objections(3, 3), on=dt.date(2025, 4, 30), days=7)
    assert (len(told.published), told.due, told.percent, told.days) == (129, 129, Decimal("100.00"), 25)
    assert (told.objections, told.open_objections, told.is_final) == (3, 0, True)


@pytest.mark.parametrize(
    ("shown", "told", "on"),
    [
        (houses()[:-1], objections(0, 0), "2025-04-30"),  # one is missing
        (houses(), objections(3, 2), "2025-04-30"),  # one objection is open
        (houses(), objections(0, 0), "2025-04-01"),  # the last house may still be objected to
        ([], (), "2025-04-30"),
    ],
)
def test_a_list_is_final_only_when_all_is_published_settled_and_over(
    shown: list[tuple[str, dt.date]], told: tuple[Issue, ...], on: str
) -> None:
    due = {house for house, _ in houses()}
    assert not standing_of(due, shown, told, on=dt.date.fromisoformat(on), days=7).is_final
    assert not standing_of((), (), (), on=dt.date.fromisoformat(on), days=7).is_final, "nothing due is nothing published"


def test_the_first_publication_counts_and_later_ones_do_not_move_it() -> None:
    told = standing_of({"a"}, [("a", dt.date(2025, 3, 9)), ("a", dt.date(2025, 3, 2)), ("b", dt.date(2025, 3, 1))], (), on=AS_OF, days=7)
    assert told.published == {"a": dt.date(2025, 3, 2)}


# --- published = books ------------------------------------------------------------------------------------------------------


def test_a_tie_is_equal_to_the_fen_or_not_at_all() -> None:
    ties = [Tie("a", "period", Decimal("10.00"), Decimal("10.00")), Tie("b", "year", Decimal("10.00"), Decimal("10.01")),
            Tie("c", "closing", Decimal("10.00"), None), Tie("d", "register", None, None, Decimal("-5.00"))]  # fmt: skip
    assert [tie.state for tie in ties] == ["equal", "differs", "unknown", "differs"]
    assert [tie.label for tie in differing(ties)] == ["b", "d"]


def test_the_words_of_the_board_stand_for_accounts_of_the_chart_in_force() -> None:
    """The codes changed their meaning on 2024-01-01: 502 was spending and is income."""
    catalog = load_catalog()
    assert [chart_words(catalog, year).group_of("502") for year in (2023, 2024)] == ["spending", "income"]
    assert [chart_words(catalog, year).group_of("511") for year in (2023, 2024)] == ["income", "spending"]
    for version, names in catalog.words["notice_board"]["accounts"].items():
        assert set(names) <= set(catalog.charts[str(version)]["accounts"]), version


# --- masking ----------------------------------------------------------------------------------------------------------------


def veil(names: str = "surname") -> Veil:
    words = load_catalog().words
    return Veil(words["persons"], words["notice_board"], frozenset(("990408101200",)), names == "surname", "zh")


@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        ("付李桂芳误工费", "付李某误工费"),
        ("发放欧阳明华劳务费", "发放欧阳某劳务费"),
        ("收农户陈国平交承包款", "收农户陈某交承包款"),  # by the roster: no pattern would find it
        ("付办公用品款", "付办公用品款"),
        ("付王家坝水库维修费", "付王家坝水库维修费"),
        (f"付电话费 {PHONE}", "付电话费 138****5678"),
        (f"转入 {ACCOUNT}", "转入 ****0018"),
        (f"身份证 {ID_NO}", "身份证 ****002X"),
        ("慰问三组大病户李桂芳", "（涉及个人隐私，事由不公开）"),
        ("发放残疾人补助", "（涉及个人隐私，事由不公开）"),
        ("拨付孤儿生活费", "（涉及个人隐私，事由不公开）"),
        ("修缮三组12号附3号", "修缮三组"),
        ("代码 990408101200", "代码 990408101200"),
        ("", ""),
    ],
)
def test_a_summary_tells_no_person(summary: str, shown: str) -> None:
    assert veil().text(summary, frozenset(("陈国平",))) == shown


def test_a_county_may_publish_names_in_full_but_never_hardship() -> None:
    assert veil("full").text("付李桂芳误工费") == "付李桂芳误工费"
    assert veil("full").text("慰问大病户李桂芳") == "（涉及个人隐私，事由不公开）"


@pytest.mark.parametrize(
    ("party", "shown"),
    [("李桂芳", "李某"), ("欧阳明华", "欧阳某"), ("青禾农业有限公司", "青禾农业有限公司"), ("李桂芳（组长）", "李某"), ("", "")],
)
def test_people_are_cut_and_organisations_stand(party: str, shown: str) -> None:
    assert veil().party(party) == shown


def test_hostile_text_stays_text_on_page_and_workbook(audited: Path) -> None:
    from dataclasses import replace

    from auditlib.reports.publication import boards
    from auditlib.reports.publication_page import board_page
    from auditlib.reports.publication_workbook import board_workbook
    from auditlib.reports.render import render
    from auditlib.reports.results import open_results
    from auditlib.reports.view import view_of

    results = open_results(audited)
    view = view_of(results.run, results.catalog, (), "zh")
    period = period_of("2025", 2025, "quarter", AS_OF)
    board = next(b for b in boards(results, view, sorted(view.registered), period, AS_OF, None) if b.books.entries)
    bad = tuple(replace(e, summary=FORMULA, counterparty=SCRIPT, detail="") for e in board.books.entries)
    board = replace(board, name=f"&A{SCRIPT}", books=replace(board.books, entries=bad))
    page = render(board_page(board, view))
    assert "<script>" not in page and "&lt;script&gt;" in page
    book = openpyxl.load_workbook(io.BytesIO(board_workbook(board, view)))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == FORMULA for cell in cells) and not any(cell.data_type == "f" or cell.hyperlink for cell in cells)
