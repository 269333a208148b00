"""Exports of accounting software in XML: balances period by period, vouchers, several years in one file.

Authority: GB/T 24589.1-2010 (data interface of accounting software): element names, unsigned balances with their side, one record of
科目余额及发生额 for each account and 会计期间号.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.periods import period_number
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.words.errors import UnreadableFile
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)


def balance(account: str, year: int, period: str, opening: str, debit: str, credit: str, closing: str, sides: str = "借借") -> str:
    return (
        f"<科目余额及发生额><科目编号>{account}</科目编号><期初余额方向>{sides[0]}</期初余额方向><期末余额方向>{sides[1]}</期末余额方向>"
        f"<币种编码>CNY</币种编码><会计年度>{year}</会计年度><会计期间号>{period}</会计期间号><期初原币余额>{opening}</期初原币余额>"
        f"<期初本币余额>{opening}</期初本币余额><借方本币金额>{debit}</借方本币金额><贷方本币金额>{credit}</贷方本币金额>"
        f"<期末本币余额>{closing}</期末本币余额></科目余额及发生额>"
    )


def voucher(date: str, number: str, line: int, account: str, debit: str, credit: str, void: str = "0") -> str:
    return (
        f"<记账凭证><记账凭证日期>{date}</记账凭证日期><会计年度>{date[:4]}</会计年度><会计期间号>{date[4:6]}</会计期间号>"
        f"<记账凭证类型编号>记</记账凭证类型编号><记账凭证编号>{number}</记账凭证编号><记账凭证行号>{line}</记账凭证行号>"
        f"<记账凭证摘要>付电费</记账凭证摘要><科目编号>{account}</科目编号><借方本币金额>{debit}</借方本币金额><贷方本币金额>{credit}</贷方本币金额>"
        f"<附件数>2</附件数><制单人>张三</制单人><审核人>李四</审核人><记账标志>1</记账标志><作废标志>{void}</作废标志></记账凭证>"
    )


def tables(path: Path, records: list[str], encoding: str = "gb18030") -> dict[str, Conformed]:
    path.write_bytes(f'<?xml version="1.0" encoding="{encoding}"?><账套><总账>{"".join(records)}</总账></账套>'.encode(encoding))
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    found = [t for sheet in FINDER.sheets(path) for t in FINDER.tables(sheet, path.name)]
    return {
        t.sheet.name: conformer.conform(t.sheet, t.block, t.recognition, Surroundings(path.name, t.sheet.name, "*", "", 2025))
        for t in found
        if t.recognition.ledger
    }


def amounts(table: Conformed, *fields: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table.columns[f].to_pylist() for f in fields), strict=True))


def test_the_periods_of_a_year_become_the_year(tmp_path: Path) -> None:
    """Opening of the first period, sum of the movements, closing of the last; the bank overdrawn in between changes side."""
    table = tables(
        tmp_path / "账套.xml",
        [
            balance("102", 2025, "1", "100.00", "50.00", "170.00", "20.00", "借贷"),
            balance("102", 2025, "2", "20.00", "90.00", "0", "70.00", "贷借"),
            balance("102", 2025, "3", "70.00", "0", "0", "70.00"),
            balance("211", 2025, "1", "8", "0", "2", "10", "贷贷"),
            balance("211", 2025, "2", "10", "10", "0", "0", "贷平"),
            balance("211", 2025, "3", "0", "0", "0", "0", "平平"),
        ],
    )["科目余额及发生额"]
    assert table.ledger == "trial_balance"
    fields = ("account_code", "fiscal_year", "opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")
    assert amounts(table, *fields) == [("102", 2025, 10000, 0, 14000, 17000, 7000, 0), ("211", 2025, 0, 800, 1000, 200, 0, 0)]
    assert ("note.periods_folded", (("n", 4), ("accounts", 2))) in table.notes
    assert not [k for k, _ in table.notes if k in ("note.periods_missing", "note.periods_broken")]


def test_two_years_in_one_file_stay_two_years(tmp_path: Path) -> None:
    records = [balance("101", y, f"{m:02d}", "10", "5", "5", "10") for y in (2024, 2025) for m in range(1, 13)]
    table = tables(tmp_path / "账套.xml", records)["科目余额及发生额"]
    assert amounts(table, "fiscal_year", "opening_debit", "debit", "closing_debit") == [(2024, 1000, 6000, 1000), (2025, 1000, 6000, 1000)]


@pytest.mark.parametrize(
    ("line", "debit"),
    [(balance("101", 2025, "00", "10", "0", "0", "10"), 1000), (balance("101", 2025, "00", "10", "10", "10", "10"), 1000)],
)
def test_period_00_is_the_opening_or_the_whole_year_once_more(line: str, debit: int, tmp_path: Path) -> None:
    months = [balance("101", 2025, f"{m}", "10", "5", "5", "10") for m in (1, 2)]
    table = tables(tmp_path / "账套.xml", [line, *months])["科目余额及发生额"]
    assert amounts(table, "opening_debit", "debit", "closing_debit") == [(1000, debit, 1000)]


def test_a_single_period_is_taken_as_it_stands(tmp_path: Path) -> None:
    table = tables(tmp_path / "账套.xml", [balance(a, 2025, "00", "10", "5", "5", "10") for a in ("101", "102")])["科目余额及发生额"]
    assert amounts(table, "account_code", "debit") == [("101", 500), ("102", 500)]
    assert not [k for k, _ in table.notes if k.startswith("note.periods")]


def test_periods_that_are_missing_or_do_not_follow_are_told(tmp_path: Path) -> None:
    table = tables(
        tmp_path / "账套.xml", [balance("101", 2025, "1", "10", "5", "0", "15"), balance("101", 2025, "4", "99", "0", "0", "99")]
    )["科目余额及发生额"]
    assert {k: dict(v) for k, v in table.notes if k in ("note.periods_missing", "note.periods_broken")} == {
        "note.periods_missing": {"n": 1},
        "note.periods_broken": {"n": 1},
    }


def test_a_period_that_cannot_be_read_leaves_the_year_in_doubt(tmp_path: Path) -> None:
    table = tables(
        tmp_path / "账套.xml", [balance("101", 2025, "1", "10", "约5", "0", "15"), balance("101", 2025, "2", "15", "1", "0", "16")]
    )["科目余额及发生额"]
    from auditlib.intake.values import STATUSES

    assert [STATUSES[s] for s in table.statuses["debit"].to_pylist()] == ["ambiguous"]


BOOKS = (
    "<电子账簿><电子账簿编号>01</电子账簿编号><会计核算单位>新寨村股份经济合作联合社</会计核算单位><会计年度>2025</会计年度></电子账簿>"
    "<会计期间><会计年度>2025</会计年度><会计期间号>1</会计期间号><会计期间起始日期>20250101</会计期间起始日期></会计期间>"
    "<记账凭证类型><记账凭证类型编号>记</记账凭证类型编号><记账凭证类型名称>记账凭证</记账凭证类型名称></记账凭证类型>"
    "<币种><币种编码>CNY</币种编码><币种名称>人民币</币种名称></币种>"
    "<会计科目><科目编号>101</科目编号><科目名称>库存现金</科目名称><科目级次>1</科目级次><余额方向>借</余额方向></会计科目>"
)


def exported(path: Path, *records: str) -> list[FoundTable]:
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?><账簿>{BOOKS}{"".join(records)}</账簿>', encoding="utf-8")
    return [t for sheet in FINDER.sheets(path) for t in FINDER.tables(sheet, path.name)]


def test_every_column_of_a_standard_export_is_understood_or_known_to_carry_nothing(tmp_path: Path) -> None:
    """会计年度 and 会计期间号 of a voucher, 原币 beside 本币, 数量 and 单价: named by the standard, needed by no ledger."""
    found = exported(tmp_path / "账套.xml", balance("101", 2025, "1", "1", "2", "1", "2"), voucher("20250105", "1", 1, "101", "2", "0"))
    ledgers = {t.recognition.ledger: t for t in found if t.recognition.ledger}
    assert set(ledgers) == {"trial_balance", "journal"}
    assert [c.header for t in ledgers.values() for c in t.recognition.columns if c.field is None] == []
    assert {c.header for c in ledgers["journal"].recognition.columns if c.field == ""} >= {"会计年度", "会计期间号"}
    assert [c.field for c in ledgers["trial_balance"].recognition.columns if c.header == "会计年度"] == ["fiscal_year"]


def test_the_basic_archives_of_an_export_are_no_ledgers_and_nobody_is_asked_about_them(tmp_path: Path) -> None:
    found = exported(tmp_path / "账套.xml", voucher("20250105", "1", 1, "101", "2", "0"))
    basic = {t.sheet.name: t for t in found if t.is_set_aside}
    assert list(basic) == ["电子账簿", "会计期间", "记账凭证类型", "币种", "会计科目"]
    assert all(t.block.header_rows == (0,) and t.block.data == (1,) and t.notes == (("note.basic_data", {}),) for t in basic.values())


def test_the_books_of_an_export_belong_to_the_organisation_that_the_export_names(tmp_path: Path) -> None:
    """会计核算单位 stands once, in 电子账簿; neither voucher, file nor folder says whose they are."""
    village = Organisation("V1", "新寨村股份经济合作联合社", "village", "T1")
    conformer = Conformer(CATALOG, Resolver((village,), CATALOG.words["organisation_names"]))
    (books,) = (t for t in exported(tmp_path / "账套.xml", voucher("20250105", "1", 1, "101", "2", "0")) if t.recognition.ledger)
    table = conformer.conform(books.sheet, books.block, books.recognition, Surroundings("账套.xml", "记账凭证", "", "", 2025))
    assert (table.org_codes, table.quarantined) == (("V1",), ())


def test_monthly_balances_in_a_spreadsheet_fold_alike(tmp_path: Path) -> None:
    path = tmp_path / "余额表.csv"
    head = "月份,科目编码,科目名称,期初借方,期初贷方,本期借方,本期贷方,期末借方,期末贷方"
    path.write_text(f"2025年科目余额表\n{head}\n1月,101,库存现金,10,,5,3,12,\n2月,101,库存现金,12,,1,0,13,\n", encoding="utf-8")
    (found,) = [t for sheet in FINDER.sheets(path) for t in FINDER.tables(sheet, path.name)]
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    table = conformer.conform(found.sheet, found.block, found.recognition, Surroundings(path.name, "", "*", "", 2025))
    assert amounts(table, "opening_debit", "debit", "credit", "closing_debit") == [(1000, 600, 300, 1300)]
    assert table.rows == (3,), "the row of the last month is the evidence"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("01", 1),
        ("00", 0),
        ("12月", 12),
        ("2025-12", 12),
        ("202512", 12),
        ("2025年第12期", 12),
        ("3月份", 3),
        ("全年", None),
        ("2025", None),
        ("1-12月", None),
    ],
)
def test_periods_as_software_writes_them(text: str, number: int | None) -> None:
    assert period_number(text) == number


def test_vouchers_keep_their_own_dates_and_void_ones_are_set_aside(tmp_path: Path) -> None:
    records = [
        voucher("20241231", "9", 1, "513", "100.00", "0"),
        voucher("20241231", "9", 2, "102", "0", "100.00"),
        voucher("20250105", "1", 1, "513", "7.00", "0", "1"),
    ]
    table = tables(tmp_path / "账套.xml", records, "utf-8")["记账凭证"]
    assert amounts(table, "date", "voucher_no", "line_no", "account_code", "debit", "attachments", "preparer", "reviewer") == [
        (dt.date(2024, 12, 31), "9", 1, "513", 10000, 2, "张三", "李四"),
        (dt.date(2024, 12, 31), "9", 2, "102", 0, 2, "张三", "李四"),
    ]
    assert [s.reason for s in table.set_aside] == ["set_aside.voided"]


HOSTILE = {
    "entities": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a><b><科目编号>&y;</科目编号></b></a>',
    "outside": '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a><b><科目编号>&x;</科目编号></b></a>',
    "cut off": "<账套><科目余额及发生额><科目编号>101</科目编号>",
    "two roots": "<a></a><b></b>",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_xml_is_refused_by_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "账套.xml"
    path.write_text(HOSTILE[kind], encoding="utf-8")
    with pytest.raises(UnreadableFile) as refused:
        list(FINDER.sheets(path))
    assert refused.value.code == "file.unreadable"


def test_xml_that_nests_deeply_or_holds_no_records_does_no_harm(tmp_path: Path) -> None:
    deep, other = tmp_path / "深.xml", tmp_path / "他.xml"
    deep.write_text("<a>" * 5000 + "</a>" * 5000, encoding="utf-8")
    other.write_text('<svg xmlns="http://www.w3.org/2000/svg"><g><path d="M0"/></g></svg>', encoding="utf-8")
    for path in (deep, other):
        assert [
            t.recognition.ledger for sheet in FINDER.sheets(path) for t in FINDER.tables(sheet, path.name) if t.recognition.ledger
        ] == []
