"""Rows that cannot be used are kept with their reason, and what they could change says so (D05: text counts as nothing)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from ledger_frames import check

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.checks.findings import settle
from auditlib.checks.frames import Frames, RunInputs
from auditlib.checks.run import run_rules
from auditlib.engine import open_engine
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import TableFinder
from auditlib.intake.workspace import Intake, read_workspace
from auditlib.words.records import RowSetAside

CATALOG = load_catalog()
HEAD = ["资产编号", "资产名称", "原值", "累计折旧", "净值", "保管说明"]


def read(rows: list[list[Any]], owner: str = "V1") -> Conformed:
    (found,) = TableFinder(CATALOG).tables(RawSheet("固定资产", rows), "a.xlsx")
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    return conformer.conform(found.sheet, found.block, found.recognition, Surroundings("a.xlsx", "固定资产", owner, "", 2025))


def totals(table: Conformed) -> dict[str, tuple[int, int, str]]:
    return {t.field: (t.stated, t.computed, t.unread) for t in table.totals}


def test_a_total_names_the_cells_that_count_as_nothing() -> None:
    rows = [HEAD, ["ZC-1", "楼", 100.0, 20.0, 80.0, ""], ["ZC-2", "井", "约35", 5.0, "#REF!", ""], ["合计", "", 135.0, 25.0, 80.0, ""]]
    assert totals(read(rows)) == {
        "original_value": (13500, 10000, "C3 约35"), "accumulated_depreciation": (2500, 2500, ""), "net_value": (8000, 8000, "E3 #REF!"),
    }  # fmt: skip


def lines(*amounts: float) -> list[list[Any]]:
    return [[f"ZC-{n}-{a}", "楼", a, 0.0, a, ""] for n, a in enumerate(amounts)]


@pytest.mark.parametrize(("stated", "computed"), [(30.0, 3000), (33.0, 3300), (31.0, 3300)])
def test_a_subtotal_counts_from_the_line_that_names_its_category_or_from_the_subtotal_before(stated: float, computed: int) -> None:
    """债权 [rows] 债务 [rows] 小计: of the debts alone, or of all that no 小计 has counted yet."""
    rows = [HEAD, ["一、房屋"], *lines(1.0, 2.0), ["二、机器"], *lines(10.0, 20.0), ["小计", "", stated, 0.0, stated, ""]]
    assert totals(read(rows))["original_value"] == (int(stated * 100), computed, "")


@pytest.mark.parametrize(("stated", "differs"), [(150.0, False), (100.0, False), (50.0, False), (120.0, True)])
def test_the_total_of_balances_with_their_side_beside_them_may_add_or_set_off(stated: float, differs: bool) -> None:
    """期末余额 with 方向: 合计 of 100 debit and 50 credit is 150, one of the sides, or what is left."""
    rows = [
        ["科目编码", "科目名称", "方向", "期末余额", "本期借方", "本期贷方"],
        ["101", "库存现金", "借", 100.0, 0.0, 0.0], ["211", "应付款", "贷", 50.0, 0.0, 0.0], ["", "合计", "", stated, 0.0, 0.0],
    ]  # fmt: skip
    (found,) = TableFinder(CATALOG).tables(RawSheet("科目余额表", rows), "余额表.xlsx")
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    table = conformer.conform(found.sheet, found.block, found.recognition, Surroundings("a.xlsx", "科目余额表", "V1", "", 2025))
    assert (found.recognition.ledger, bool([t for t in table.totals if t.stated != t.computed])) == ("trial_balance", differs)


def test_each_total_names_the_cells_of_its_own_rows_only() -> None:
    rows = [
        HEAD,
        ["ZC-1", "楼", "约35", 0.0, 0.0, ""],
        ["小计", "", 35.0, 0.0, 0.0, ""],
        ["ZC-2", "井", 5.0, 0.0, 5.0, ""],
        ["小计", "", 5.0, 0.0, 5.0, ""],
    ]
    told = [(t.label, t.unread) for t in read(rows).totals if t.field == "original_value"]
    assert told == [("小计", "C2 约35"), ("小计", "")]


def test_a_row_with_one_cell_that_is_read_is_data() -> None:
    """What is missing in it is D01's matter."""
    table = read([HEAD, ["ZC-1", "楼", 100.0, 20.0, 80.0, ""], ["", "井", "", "", "", "无人保管"]])
    assert (table.rows, table.set_aside) == ((1, 2), ())


def test_a_numbered_row_without_anything_to_test_is_set_aside_with_what_it_says() -> None:
    rows = [
        ["行号说明", *HEAD],
        ["甲", "ZC-1", "楼", 100.0, 20.0, 80.0, ""],
        ["乙", "", "", "", "", "", "旧房已拆"],
        ["丙", "ZC-2", "井", 1.0, 0.0, 1.0, ""],
    ]
    table = read(rows)
    assert (table.rows, table.quarantined) == ((1, 3), (2,))
    assert table.set_aside == (RowSetAside(3, "set_aside.nothing", "乙 | 旧房已拆"),)


def test_d05_says_which_cells_it_could_not_count(tmp_path: Path) -> None:
    base = {
        "org_code": "V1",
        "ledger": "fixed_assets",
        "label": "合计",
        "scale": 2,
        "field": "original_value",
        "stated": 13500,
        "computed": 10000,
    }
    (case,) = check(tmp_path, {"control_totals": [{**base, "unread": "C3 约35"}]}).of("D05")
    assert (case.variant, case.detail) == ("unread", "C3 约35")
    (plain,) = check(tmp_path / "plain", {"control_totals": [{**base, "unread": ""}]}).of("D05")
    assert (plain.variant, plain.detail) == ("", "")


@pytest.mark.parametrize(("unread", "variant"), [("", "quantity"), ("D4 约2亩", "quantity_unread")])
def test_a_total_of_areas_is_not_off_by_yuan(tmp_path: Path, unread: str, variant: str) -> None:
    base = {"org_code": "V1", "ledger": "resources", "label": "合计", "scale": 4, "field": "area_mu"}
    (case,) = check(tmp_path, {"control_totals": [{**base, "stated": 20_000, "computed": 10_000, "unread": unread}]}).of("D05")
    assert (case.variant, case.amount) == (variant, None)
    for text in load_catalog().rules["D05"].message[variant].values():
        assert "{amount}" not in text and "{field}" in text


# --- rows that nobody owns --------------------------------------------------------------------------------------------


def write(county: Path) -> None:
    """A county-wide list of assets in which one line names an organisation and one does not, beside a register of two villages."""
    lines = "组织代码,组织名称,层级\n990101101201,新寨村股份经济合作联合社,村\n990101101202,老寨村股份经济合作联合社,村\n"
    (county / "组织名录.csv").write_text(lines, encoding="utf-8")
    assets = (
        "组织代码,资产编号,资产名称,购建日期,原值,累计折旧,净值\n990101101201,ZC-1,楼,2020-01-01,100,20,80\n,ZC-2,井,2020-01-01,50,5,45\n"
    )
    (county / "固定资产台账.csv").write_text(assets, encoding="utf-8")
    (county / "audit.toml").write_text('county = "青石县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")


def intake(county: Path, frames: Path) -> Intake:
    return read_workspace(county, frames, CATALOG, load_settings(county, CATALOG, today=dt.date(2026, 1, 31)))


def test_a_row_that_nobody_owns_is_kept_and_every_check_of_its_ledger_says_so(tmp_path: Path) -> None:
    county, folder = tmp_path / "县", tmp_path / "frames"
    county.mkdir()
    write(county)
    found = intake(county, folder)
    source = next(s for s in found.sources if s.ledger == "fixed_assets")
    assert (source.rows_read, source.rows_quarantined) == (1, 1)
    assert source.set_aside == (RowSetAside(3, "set_aside.no_organisation", "ZC-2 | 井 | 2020-01-01 | 50 | 5 | 45"),)
    settings, engine = load_settings(county, CATALOG, today=dt.date(2026, 1, 31)), open_engine("duckdb")
    try:
        frames = Frames(RunInputs(folder, CATALOG, settings, found.organisations, found.sources, engine))
        results = run_rules(frames).results
    finally:
        engine.close()
    about = {
        r.rule: r.reason for r in results if r.org_code == "990101101201" and r.ledger == "fixed_assets" and r.status in ("passed", "found")
    }
    assert about and all("另有 1 行未读入（固定资产台账.csv › 3）" in reason for reason in about.values())
    assert not any("未读入" in r.reason for r in results if r.ledger == "members")


def test_the_wording_names_the_cells(tmp_path: Path) -> None:
    case = check(
        tmp_path, {"control_totals": [{"org_code": "V1", "ledger": "fixed_assets", "label": "合计", "scale": 2, "field": "original_value",
                                       "stated": 13500, "computed": 10000, "unread": "C3 约35"}]},
    ).of("D05")[0]  # fmt: skip
    county = tmp_path / "县"
    county.mkdir()
    write(county)
    settings = load_settings(county, CATALOG, today=dt.date(2026, 1, 31))

    class Nowhere:
        def cells(self, ledger: str, row_ids: Any) -> dict[int, dict[str, str]]:
            return {}

        def places(self, ledger: str, row_ids: Any) -> dict[int, tuple[int, int]]:
            return {}

    (finding,) = settle([case], CATALOG, settings, (), (), Nowhere(), Nowhere())
    assert "C3 约35" in finding.message_zh and "C3 约35" in finding.message_en and "35.00" in finding.message_zh


def test_opening_rows_and_running_balances_that_disagree_are_noted(tmp_path: Path) -> None:
    county = tmp_path / "县"
    county.mkdir()
    write(county)
    village = county / "新寨村"
    village.mkdir()
    balances = (
        "科目编码,科目名称,期初借方,期初贷方,本期借方,本期贷方,期末借方,期末贷方\n101,库存现金,600,,0,100,500,\n301,资本,,600,0,0,,600\n"
    )
    (village / "科目余额表.csv").write_text(balances, encoding="utf-8")
    journal = "日期,凭证号,摘要,科目编码,科目名称,借方,贷方,方向,余额\n"
    journal += "2025-01-01,,上年结转,101,库存现金,,,借,650\n2025-01-01,,上年结转,301,资本,,,贷,600\n"
    journal += "2025-01-05,记-1,付电费,101,库存现金,,100,借,550\n2025-01-05,记-1,付电费,513,管理费用,100,,,\n"
    (village / "序时账.csv").write_text(journal, encoding="utf-8")
    lines = ["交易日期,摘要,支出,收入,余额,对方户名", "2025-01-01,承上年余额,,,5000,"]
    lines += [f"2025-01-{d:02d},利息,,1,{5000 + d - 1},甲" for d in range(2, 29)]
    (village / "银行对账单.csv").write_text("\n".join(lines), encoding="utf-8")
    notes = {s.ledger: "\n".join(s.notes) for s in intake(county, tmp_path / "frames").sources}
    assert "650.00 元，科目余额表期初为 600.00 元" in notes["journal"] and notes["journal"].count("不一致") == 1
    assert "接不上" not in notes["bank_statement"]
    (village / "银行对账单.csv").write_text("\n".join(lines).replace(",5003,", ",5033,"), encoding="utf-8")
    broken = {s.ledger: "\n".join(s.notes) for s in intake(county, tmp_path / "frames2").sources}
    assert "接不上的有 2 处，先看第 5 行" in broken["bank_statement"] and "接不上" not in broken["journal"]
    (village / "银行对账单.csv").write_text("\n".join(lines).replace("承上年余额,,,5000", "承上年余额,,,4000"), encoding="utf-8")
    opened = {s.ledger: "\n".join(s.notes) for s in intake(county, tmp_path / "frames3").sources}
    assert "接不上的有 1 处，先看第 3 行" in opened["bank_statement"]
