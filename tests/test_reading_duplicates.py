"""Files and sheets that came twice (domain reference section 9, trap "最终版2"): named, never added twice, never dropped in silence."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.intake.frames import RawCells
from auditlib.intake.workspace import Intake, read_workspace
from auditlib.words.messages import LANGUAGES, say

CATALOG = load_catalog()
REGISTER = [
    ["组织代码", "组织名称", "层级", "上级代码"],
    ["990401", "某县", "县", ""],
    ["990401101", "某镇", "乡镇", "990401"],
    ["990401101201", "新寨村股份经济合作联合社", "村", "990401101"],
    ["990401101202", "老寨村股份经济合作联合社", "村", "990401101"],
]
ASSETS = ["资产编号", "资产名称", "数量", "原值", "累计折旧", "净值"]
LINES = [[f"ZC-{n}", f"水泵{n}", "1", f"{n}00.00", "0.00", f"{n}00.00"] for n in range(1, 7)]
NEW, OLD = "某镇/新寨村", "某镇/老寨村"


def write(path: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


@pytest.fixture
def county(tmp_path: Path) -> Path:
    folder = tmp_path / "某县"
    write(folder / "组织名录.csv", REGISTER)
    (folder / "audit.toml").write_text('county = "某县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    write(folder / NEW / "固定资产.csv", [ASSETS, *LINES])
    return folder


def read(county: Path) -> Intake:
    return read_workspace(county, county.parent / "frames", CATALOG, load_settings(county, CATALOG, today=date(2026, 1, 31)))


def named(intake: Intake) -> list[tuple[str, str]]:
    return [(p.code, p.file) for p in intake.problems if p.code.split(".")[1] in ("duplicate", "overlap", "copied")]


def numbers(intake: Intake, ledger: str = "fixed_assets", field: str = "asset_no") -> list[Any]:
    import pyarrow.parquet as pq

    return sorted(pq.read_table(intake.frames / f"{ledger}.parquet")[field].to_pylist())


def source(intake: Intake, file: str) -> Any:
    return next(s for s in intake.sources if s.file == file)


def test_one_file_of_a_kind_has_no_duplicates(county: Path) -> None:
    assert named(read(county)) == []


def test_a_copy_of_a_file_is_counted_once_and_named(county: Path) -> None:
    shutil.copyfile(county / NEW / "固定资产.csv", county / NEW / "固定资产最终版2.csv")
    intake = read(county)
    assert named(intake) == [("file.duplicate", f"{NEW}/固定资产最终版2.csv")]
    assert numbers(intake) == [line[0] for line in LINES]


def test_its_line_in_the_sources_keeps_the_ledger_and_says_where_the_rows_are(county: Path) -> None:
    shutil.copyfile(county / NEW / "固定资产.csv", county / NEW / "固定资产最终版2.csv")
    copy = source(read(county), f"{NEW}/固定资产最终版2.csv")
    assert (copy.ledger, copy.org_code, copy.rows_read, copy.rows_quarantined) == ("fixed_assets", "990401101201", 0, 6)
    assert copy.notes[-1] == f"重复，未计入：6 行，已在 {NEW}/固定资产.csv 中"


def test_the_cells_of_what_follows_a_copy_stay_theirs(county: Path) -> None:
    """Row ids count only what was added; evidence must not slip by the rows of the copy."""
    shutil.copyfile(county / NEW / "固定资产.csv", county / NEW / "固定资产最终版2.csv")
    write(county / NEW / "资产补.csv", [ASSETS, ["ZC-77", "水塔", "1", "9.00", "0.00", "9.00"]])
    intake = read(county)
    ids = dict(zip(numbers(intake, field="asset_no"), numbers(intake, field="row_id"), strict=True))
    assert RawCells(intake.frames, intake.sources).cells("fixed_assets", [ids["ZC-77"]])[ids["ZC-77"]]["name"] == "水塔"


def test_the_same_rows_in_another_form_are_the_same_sheet(county: Path) -> None:
    """Saved in another encoding, with a title, the columns renamed: the rows as typed are the same."""
    head = ["资产编码", "名称", "数量", "原值（元）", "累计折旧", "净值"]
    write(county / NEW / "资产（会计传来）.csv", [["固定资产台账"], head, *LINES], "gb18030")
    intake = read(county)
    assert named(intake) == [("sheet.duplicate", f"{NEW}/资产（会计传来）.csv")]
    assert len(numbers(intake)) == 6


def test_of_a_sheet_with_one_amount_changed_the_equal_rows_count_once_and_both_versions_of_the_other_are_kept(county: Path) -> None:
    changed = [*LINES[:5], [*LINES[5][:3], "999.00", "0.00", "999.00"]]
    write(county / NEW / "固定资产最终版2.csv", [ASSETS, *changed])
    intake = read(county)
    assert named(intake) == [("sheet.overlap", f"{NEW}/固定资产最终版2.csv")]
    (problem,) = [p for p in intake.problems if p.code == "sheet.overlap"]
    assert problem.detail == f"{NEW}/固定资产.csv (6/6)"
    assert numbers(intake) == ["ZC-1", "ZC-2", "ZC-3", "ZC-4", "ZC-5", "ZC-6", "ZC-6"]
    first, second = source(intake, f"{NEW}/固定资产.csv"), source(intake, f"{NEW}/固定资产最终版2.csv")
    assert sorted((s.rows_read, s.rows_quarantined) for s in (first, second)) == [(1, 5), (6, 0)]
    assert any("5 行（第 2, 3, 4, 5, 6 行）" in n for s in (first, second) for n in s.notes)


BANK = ["账号", "交易日期", "收入", "支出", "余额", "摘要"]


def statement(*lines: str) -> list[list[str]]:
    return [BANK, *(["620001000000001234", *line.split()] for line in lines)]


def test_days_that_stand_in_two_statements_count_once(county: Path) -> None:
    """January to April and April to June of one account: the 5th of April is in both, and its two equal fees are two."""
    april = ("2025-04-05 0 2.00 98.00 手续费", "2025-04-05 0 2.00 96.00 手续费")
    write(county / NEW / "流水1-4月.csv", statement("2025-01-05 100.00 0 100.00 租金", *april))
    write(county / NEW / "流水4-6月.csv", statement(*april, "2025-06-07 0 6.00 90.00 电费"))
    intake = read(county)
    assert len(numbers(intake, "bank_statement", "date")) == 4
    assert named(intake) == [("sheet.overlap", f"{NEW}/流水4-6月.csv")]


def test_statements_that_follow_one_another_are_no_overlap(county: Path) -> None:
    write(county / NEW / "流水1月.csv", statement("2025-01-05 100.00 0 100.00 租金"))
    write(county / NEW / "流水2月.csv", statement("2025-02-05 100.00 0 200.00 租金"))
    intake = read(county)
    assert named(intake) == [] and len(numbers(intake, "bank_statement", "date")) == 2


def test_a_year_that_holds_its_months_once_more_adds_nothing(county: Path) -> None:
    head = ["日期", "凭证号", "分录号", "摘要", "科目编码", "借方金额", "贷方金额"]
    vouchers = [[f"2025-0{m}-05", f"记-{m}", str(i), "电费", code, *amounts] for m in (1, 2)
                for i, (code, amounts) in enumerate((("502", ("5", "")), ("101", ("", "5"))), 1)]  # fmt: skip
    write(county / NEW / "序时账1月.csv", [head, *vouchers[:2]])
    write(county / NEW / "序时账全年.csv", [head, *vouchers])
    intake = read(county)
    assert numbers(intake, "journal", "voucher_no") == ["记-1", "记-1", "记-2", "记-2"]


def test_unreadable_cells_count_as_what_they_say(county: Path) -> None:
    for name, amount in (("甲.csv", "约500"), ("乙.csv", "约300")):
        write(county / NEW / name, [ASSETS, ["ZC-50", "锅炉", "1", amount, "0.00", "1.00"]])
    assert [code for code, _ in named(read(county))] == ["sheet.overlap"]


def test_one_number_that_stands_in_two_sheets_is_left_to_the_rule_on_keys(county: Path) -> None:
    write(county / NEW / "新增.csv", [ASSETS, LINES[0], *([f"XZ-{n}", "凳子", "1", "1.00", "0.00", "1.00"] for n in range(9))])
    assert named(read(county)) == []


# ---- what is no duplicate


def test_the_same_rows_of_two_villages_are_not_one(county: Path) -> None:
    write(county / OLD / "固定资产.csv", [["固定资产台账"], ASSETS, *LINES])
    intake = read(county)
    assert named(intake) == [] and len(numbers(intake)) == 12


def test_the_same_bytes_in_two_villages_are_counted_for_both_and_named(county: Path) -> None:
    (county / OLD).mkdir()
    shutil.copyfile(county / NEW / "固定资产.csv", county / OLD / "固定资产.csv")
    intake = read(county)
    assert [code for code, _ in named(intake)] == ["file.copied"]
    assert len(numbers(intake)) == 12


def test_blank_forms_are_not_named(county: Path) -> None:
    for folder in (NEW, OLD):
        write(county / folder / "合同台账.csv", [["合同编号", "合同名称", "乙方", "开始日期", "结束日期"]])
    assert named(read(county)) == []


def test_a_county_wide_file_of_another_ledger_is_none(county: Path) -> None:
    head = ["组织代码", "资产编号", "资产名称", "盘点数量", "盘点日期", "盘点人"]
    write(county / "盘点.csv", [head, *(["990401101201", n, name, q, "2025-12-31", "甲"] for n, name, q, *_ in LINES)])
    intake = read(county)
    assert source(intake, "盘点.csv").ledger == "asset_count" and named(intake) == []


def test_months_whose_vouchers_start_again_do_not_overlap(county: Path) -> None:
    head = ["日期", "凭证号", "分录号", "摘要", "科目编码", "借方金额", "贷方金额"]
    for month in ("01", "02"):
        rows = [[f"2025-{month}-05", f"记-{n}", str(i), "电费", code, *amounts] for n in (1, 2, 3)
                for i, (code, amounts) in enumerate((("502", ("5", "")), ("101", ("", "5"))), 1)]  # fmt: skip
        write(county / NEW / f"序时账{month}.csv", [head, *rows])
    intake = read(county)
    assert source(intake, f"{NEW}/序时账01.csv").ledger == "journal" and named(intake) == []


def test_two_accounts_with_a_like_day_are_none(county: Path) -> None:
    head = ["账号", "交易日期", "收入", "支出", "余额", "摘要"]
    for number in ("620001", "620002"):
        write(county / NEW / f"流水{number}.csv", [head, [f"{number}000000001234", "2025-03-21", "1.00", "", "100.00", "结息"]])
    intake = read(county)
    assert source(intake, f"{NEW}/流水620001.csv").ledger == "bank_statement" and named(intake) == []


def test_the_messages_say_which_was_counted_and_what_to_do() -> None:
    for code in ("file.duplicate", "file.copied", "sheet.duplicate", "sheet.overlap"):
        for language in LANGUAGES:
            assert "另一份.xlsx" in say(code, language, file="a.xlsx", sheet="b", detail="另一份.xlsx")
