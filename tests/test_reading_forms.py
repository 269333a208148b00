"""The 28 forms 农清明细01 to 20 of the yearly asset check are known, read and held against each other.

Authority: 农经发〔2017〕11号 and the notices on the yearly asset check (list of forms, identities 核实数 = 账面数 + 核增 − 核减,
净值 = 原值 − 累计折旧, Σ form = line of form 19, Σ 18 = 20); the header words of published forms in `cn-official-forms`.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import published

from auditlib.catalog.forms import load_forms
from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import Settings, load_settings
from auditlib.intake.conform import Conformed, Conformer, Surroundings, read_head
from auditlib.intake.describe import describe_file
from auditlib.intake.forms import FormTable
from auditlib.intake.owner import Resolver
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.intake.workspace import Intake, read_workspace

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
MONEY = ["账面数", "核增", "核减", "核实数", "备注"]
FORMS = {  # number: name as printed, ledger that takes it, heads of its columns, one row
    "01": ("货币资金清查登记表", "", ["项目", *MONEY], ["库存现金", 100.0, 0.0, 0.0, 100.0, ""]),
    "02": ("短期投资清查登记表", "", ["序号", "投资名称", "投资日期", *MONEY], [1.0, "国债", "2020.5", 100.0, 0.0, 0.0, 100.0, ""]),
    "03": (
        "应收款项清查登记表",
        "claims",
        ["序号", "债务人", "发生日期", "内容", *MONEY],
        [1.0, "张三", "2016.3.1", "租金", 100.0, 0.0, 0.0, 100.0, ""],
    ),
    "04": (
        "库存物资清查登记表",
        "",
        ["序号", "物资名称", "计量单位", "存放地点", *MONEY],
        [1.0, "水泥", "吨", "仓库", 100.0, 0.0, 0.0, 100.0, ""],
    ),
    "05": ("牲畜（禽）资产清查登记表", "", ["序号", "名称", "计量单位", *MONEY], [1.0, "耕牛", "头", 100.0, 0.0, 0.0, 100.0, ""]),
    "06": ("林木资产清查登记表", "", ["序号", "林木名称", "坐落", *MONEY], [1.0, "杉木", "后山", 100.0, 0.0, 0.0, 100.0, ""]),
    "07": ("长期投资清查登记表", "", ["序号", "被投资单位", "投资日期", *MONEY], [1.0, "水电站", "2012.1", 100.0, 0.0, 0.0, 100.0, ""]),
    "08-1": (
        "固定资产清查登记表（经营性）",
        "fixed_assets",
        ["序号", "资产名称", "购建时间", "原值", "累计折旧", "净值", "使用情况"],
        [1.0, "铺面", "2010.5.1", 100.0, 20.0, 80.0, "出租出借"],
    ),
    "08-2": (
        "固定资产清查登记表（非经营性）",
        "fixed_assets",
        ["序号", "资产名称", "购建时间", "原值", "累计折旧", "净值", "使用情况"],
        [1.0, "村部", "2010.5.1", 100.0, 20.0, 80.0, "自用"],
    ),
    "09-1": (
        "在建工程清查登记表（经营性）",
        "projects",
        ["序号", "工程名称", "开工时间", "施工单位", *MONEY],
        [1.0, "冷库", "2024.5.1", "某公司", 100.0, 0.0, 0.0, 100.0, ""],
    ),
    "09-2": (
        "在建工程清查登记表（非经营性）",
        "projects",
        ["序号", "工程名称", "开工时间", "施工单位", *MONEY],
        [1.0, "村道", "2024.5.1", "某公司", 100.0, 0.0, 0.0, 100.0, ""],
    ),
    "10": ("无形资产清查登记表", "", ["序号", "名称", "取得时间", *MONEY], [1.0, "商标", "2019.5", 100.0, 0.0, 0.0, 100.0, ""]),
    "11-1": (
        "短期借款清查登记表",
        "claims",
        ["序号", "债权人", "借款日期", "到期日期", "用途", *MONEY],
        [1.0, "信用社", "2025.3.1", "2025.12.1", "周转", 100.0, 0.0, 0.0, 100.0, ""],
    ),
    "11-2": (
        "应付款项清查登记表",
        "claims",
        ["序号", "债权人", "发生日期", "内容", *MONEY],
        [1.0, "某公司", "2025.3.1", "工程款", 100.0, 0.0, 0.0, 100.0, ""],
    ),
    "11-3": (
        "长期借款及应付款清查登记表",
        "claims",
        ["序号", "债权人", "发生日期", "内容", *MONEY],
        [1.0, "信用社", "2015.3.1", "修路", 100.0, 0.0, 0.0, 100.0, ""],
    ),
    "12": ("应付工资清查登记表", "", ["序号", "姓名", "内容", *MONEY], [1.0, "张三", "工资", 100.0, 0.0, 0.0, 100.0, ""]),
    "13": ("应付福利费清查登记表", "", ["序号", "项目", "内容", *MONEY], [1.0, "慰问", "春节", 100.0, 0.0, 0.0, 100.0, ""]),
    "14": ("一事一议资金清查登记表", "", ["序号", "项目名称", "内容", *MONEY], [1.0, "修渠", "筹资", 100.0, 0.0, 0.0, 100.0, ""]),
    "15": ("专项应付款清查登记表", "", ["序号", "项目名称", "内容", *MONEY], [1.0, "村道硬化", "拨款", 100.0, 0.0, 0.0, 100.0, ""]),
    "16": ("所有者权益清查登记表", "", ["项目", *MONEY], ["资本", 100.0, 0.0, 0.0, 100.0, ""]),
    "17": (
        "待界定资产清查登记表",
        "",
        ["序号", "资产名称", "坐落", "原值", "累计折旧", "净值", "使用情况"],
        [1.0, "旧仓库", "村东", 100.0, 20.0, 80.0, "闲置"],
    ),
    "18-1": (
        "资源性资产清查登记表（农用地）",
        "resources",
        ["序号", "地类", "地块名称", "坐落四至", "面积", "已承包到户", "未承包到户"],
        [1.0, "水田", "大坝田", "东至河", 10.0, 6.0, 4.0],
    ),
    "18-2": (
        "资源性资产清查登记表（建设用地）",
        "resources",
        ["序号", "地类", "地块名称", "坐落四至", "面积"],
        [1.0, "工业用地", "砖厂", "村口", 10.0],
    ),
    "18-3": (
        "资源性资产清查登记表（未利用地）",
        "resources",
        ["序号", "地类", "地块名称", "坐落四至", "面积"],
        [1.0, "荒草地", "后坡", "村北", 10.0],
    ),
    "19-1": (
        "资产负债表（组织类）",
        "",
        ["资产", "行次", "账面数", "核实数", "负债及所有者权益", "行次", "账面数", "核实数"],
        ["货币资金", 1.0, 100.0, 100.0, "短期借款", 20.0, 0.0, 0.0],
    ),
    "19-2": (
        "资产负债表（全资企业类）",
        "",
        ["资产", "行次", "账面数", "核实数", "负债及所有者权益", "行次", "账面数", "核实数"],
        ["货币资金", 1.0, 100.0, 100.0, "短期借款", 20.0, 0.0, 0.0],
    ),
    "19-3": (
        "资产负债表（合并报表）",
        "",
        ["资产", "行次", "账面数", "核实数", "负债及所有者权益", "行次", "账面数", "核实数"],
        ["货币资金", 1.0, 100.0, 100.0, "短期借款", 20.0, 0.0, 0.0],
    ),
    "20": ("资源性资产清查登记总表", "", ["项目", "面积", "已承包到户", "未承包到户"], ["农用地", 10.0, 6.0, 4.0]),
}


def write(path: Path, rows: list[list[Any]], sheet: str = "Sheet1", merges: tuple[str, ...] = ()) -> Path:
    from openpyxl import Workbook

    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    page = book.active
    page.title = sheet
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            if value != "":
                page.cell(r, c, value)
    for span in merges:
        page.merge_cells(span)
    book.save(path)
    return path


def printed(number: str, title: str, above: int = 4) -> list[list[Any]]:
    """The form as it is printed: number, name, day, organisation and unit, heads, a row of column numbers, the total, signatures."""
    _, _, heads, row = FORMS[number]
    lines: list[list[Any]] = [[title], [], ["清查基准日：2025年12月31日"], ["填报单位：新寨村股份经济合作联合社", "", "", "单位：元"]]
    lines = [*lines[:1], *([[]] * (above - 4)), *lines[1:]]
    total = ["合计", *(v if isinstance(v, float) and j else "" for j, v in enumerate(row) if j)]
    return [
        *lines,
        heads,
        [str(j + 1) for j in range(len(heads))],
        row,
        total,
        ["单位负责人：", "", "填表人：", "", "填报日期：2026年1月12日"],
    ]


def only_table(path: Path) -> FoundTable:
    tables = [t for sheet in FINDER.sheets(path) for t in FINDER.tables(sheet, path.name)]
    assert len(tables) == 1
    return tables[0]


def form_of(found: FoundTable) -> FormTable:
    form = FINDER.forms.read(found.recognition.form, found.sheet, found.block, read_head(found.sheet, found.block).texts, CATALOG.words)
    assert form is not None
    return form


def conformed(found: FoundTable) -> Conformed:
    conformer = Conformer(CATALOG, Resolver((), CATALOG.words["organisation_names"]))
    return conformer.conform(found.sheet, found.block, found.recognition, Surroundings("表.xlsx", found.sheet.name, "*", "", 2025))


# ---- which form ----------------------------------------------------------------------------------------------


def test_there_are_28_forms() -> None:
    assert {f.number for book in load_forms() if book.name == "asset_check" for f in book.forms.values()} == set(FORMS)
    assert len(FORMS) == 28


@pytest.mark.parametrize("number", FORMS)
def test_a_form_is_known_by_the_number_printed_on_it(number: str, tmp_path: Path) -> None:
    found = only_table(write(tmp_path / "报表.xlsx", printed(number, f"农清明细{number}", above=6)))
    assert (found.recognition.form, found.recognition.ledger) == (number, FORMS[number][1])
    assert found.block.header_rows == (6,)
    assert found.block.data == (8,), "title, organisation, column numbers, total and signatures are no data"


@pytest.mark.parametrize("number", FORMS)
def test_a_form_is_known_by_its_name(number: str, tmp_path: Path) -> None:
    title = FORMS[number][0] if "清查" in FORMS[number][0] else f"农村集体资产清查 {FORMS[number][0]}"
    found = only_table(write(tmp_path / "报表.xlsx", printed(number, title)))
    assert (found.recognition.form, found.recognition.ledger) == (number, FORMS[number][1])


def test_the_number_may_stand_on_the_sheet_or_in_other_writing(tmp_path: Path) -> None:
    for sheet, title in (("农清明细08－2", ""), ("08-2", "2025年农村集体资产清产核资"), ("表1", "农清明细 08—2 表")):
        found = only_table(write(tmp_path / f"{len(title)}.xlsx", printed("08-2", title), sheet))
        assert found.recognition.form == "08-2", (sheet, title)


def test_a_form_without_a_title_is_known_by_columns_that_only_the_check_has(tmp_path: Path) -> None:
    receivable = only_table(write(tmp_path / "a.xlsx", printed("03", "")))
    assert (receivable.recognition.form, conformed(receivable).columns["kind"].to_pylist()) == ("03", ["债权"])
    debt = only_table(write(tmp_path / "b.xlsx", printed("11-2", "")))
    assert conformed(debt).columns["kind"].to_pylist() == ["债务"], "11-1, 11-2 and 11-3 differ in nothing that a ledger keeps"


def test_a_village_register_with_the_word_in_its_title_stays_a_register(tmp_path: Path) -> None:
    rows = [
        ["新寨村应收款项台账"],
        ["编号", "欠款人", "发生日期", "余额", "最后还款日期"],
        ["ZQ-1", "张三", "2020-01-05", 100.0, "2021-01-05"],
    ]
    found = only_table(write(tmp_path / "a.xlsx", rows))
    assert (found.recognition.form, found.recognition.ledger) == ("", "claims")


def test_published_forms_of_a_province_are_known(tmp_path: Path) -> None:
    forms = json.loads((published("cn-official-forms") / "forms.json").read_text(encoding="utf-8"))
    (cash,) = [v for k, v in forms.items() if "货币资金" in k]
    top = [x for name, below in cash["header_2_levels"] for x in (name, *[""] * (max(len(below), 1) - 1))]
    second = [x for _, below in cash["header_2_levels"] for x in (below or [""])]
    body = [1000.0, 1000.0, "", 50.0, 40.0, "白条", ""]
    rows = [
        ["“三资”清理情况登记表——货币资金"],
        ["青禾镇新寨村", "", "", "单位:元"],
        top,
        second,
        body,
        *[[line] for line in cash["footer"]],
    ]
    found = only_table(write(tmp_path / "表1.xlsx", rows))
    assert (found.block.header_rows, found.block.data) == ((2, 3), (4,))
    assert [h for h in found.block.headers if h] == [
        f"{a}›{b}" if b else a for a, below in cash["header_2_levels"] for b in (below or [""])
    ]
    (stores,) = [v for k, v in forms.items() if "库存物资" in k]
    top = [x for name, below in stores["header_2_levels"] for x in (name, *[""] * (max(len(below), 1) - 1))]
    second = [x for _, below in stores["header_2_levels"] for x in (below or [""])]
    body = ["水泥", "吨", 3.0, 900.0, "仓库", "张三", "是", "", ""]
    found = only_table(write(tmp_path / "表2.xlsx", [["农村集体资产清查 库存物资"], top, second, body]))
    assert (found.recognition.form, found.block.data) == ("04", (3,))
    titles = [t.split(" ", 1)[1] for k, v in forms.items() if "报表名" in k for t in v["2018"] if "农清明细" in t]
    assert {f.zh.split("（")[0] for f in FINDER.forms.forms.values()} >= {t.split("(")[0] for t in titles}


# ---- what a ledger takes -------------------------------------------------------------------------------------

TWO_ROWS = [
    ["农清明细08-1"],
    ["固定资产清查登记表（经营性）"],
    [],
    ["填报单位：新寨村股份经济合作联合社", "", "", "", "", "", "", "单位：元"],
    [],
    ["序号", "资产类别", "资产名称", "坐落/规格", "计量单位", "账面数", "", "", "", "核实数", "", "", "", "购建日期", "使用情况", "承租方"],
    ["", "", "", "", "", "数量", "原值", "累计折旧", "净值", "数量", "原值", "累计折旧", "净值", "", "", ""],
    ["甲", "乙", "丙", "丁", "戊", "1", "2", "3", "4=2-3", "5", "6", "7", "8=6-7", "9", "10", "11"],
    [1.0, "房屋", "铺面", "村口", "间", 2.0, 100.0, 20.0, 80.0, 2.0, 100.0, 20.0, 80.0, 0.0, "出租出借", 0.0],
    [2.0, "房屋", "仓库", "村东", "间", 1.0, 50.0, 20.0, 30.0, 0.0, 0.0, 0.0, 5.0, "2010.5", "闲置", ""],
    ["合计", "", "", "", "", 3.0, 150.0, 40.0, 110.0, 2.0, 100.0, 20.0, 80.0, "", "", ""],
    ["单位负责人：张三", "", "", "填表人：李四"],
]
MERGED = ("A6:A7", "B6:B7", "C6:C7", "D6:D7", "E6:E7", "F6:I6", "J6:M6", "N6:N7", "O6:O7", "P6:P7", "A1:P1", "A2:P2")


def test_a_register_takes_what_the_books_say_and_the_form_says_what_kind_it_is(tmp_path: Path) -> None:
    found = only_table(write(tmp_path / "资产.xlsx", TWO_ROWS, merges=MERGED))
    table = conformed(found)
    assert table.rows == (8, 9)
    columns = {n: table.columns[n].to_pylist() for n in ("nature", "quantity", "original_value", "net_value", "use_status")}
    assert columns == {
        "nature": ["经营性"] * 2,
        "quantity": [20000, 10000],
        "original_value": [10000, 5000],
        "net_value": [8000, 3000],
        "use_status": ["出租", "闲置"],
    }
    assert not [u.header for u in table.uses if u.field is None], "columns of the check are known, though no ledger takes them"


def test_noughts_where_only_a_blank_is_possible_are_blanks_and_said_so(tmp_path: Path) -> None:
    table = conformed(only_table(write(tmp_path / "资产.xlsx", TWO_ROWS, merges=MERGED)))
    assert table.columns["acquired_on"].to_pylist() == [None, dt.date(2010, 5, 1)]
    assert table.columns["user"].to_pylist() == [None, None]
    assert ("form.noughts", (("n", 2),)) in table.notes


def test_identities_that_do_not_hold_are_told_with_their_row(tmp_path: Path) -> None:
    notes = form_of(only_table(write(tmp_path / "资产.xlsx", TWO_ROWS, merges=MERGED))).notes
    told = {(k, v["formula"], v["n"], v["row"], v["difference"]) for k, v in notes if k == "form.identity"}
    assert told == {("form.identity", "核实净值 = 核实原值 − 核实累计折旧", 1, 10, "5.00")}
    totals = [(v["column"], v["stated"], v["computed"]) for k, v in notes if k == "form.total"]
    assert totals == [("核实净值", "80.00", "85.00")], "what the ledger takes is a finding (D05) and not told twice"


def test_land_is_told_apart_by_who_holds_it(tmp_path: Path) -> None:
    rows = [
        ["农清明细18-1 资源性资产清查登记表（农用地）"],
        ["填报单位：新寨村", "", "", "", "单位：亩"],
        ["序号", "地类", "地块名称", "坐落四至", "面积", "", "", "", "", "", ""],
        ["", "", "", "", "合计", "已承包到户", "未承包到户", "", "", "", ""],
        ["", "", "", "", "", "", "小计", "集体自营", "出租出借", "被占用", "闲置"],
        [1.0, "水田", "大坝田", "东至河", 10.0, 6.0, 4.0, 1.0, 3.0, "", ""],
        [2.0, "旱地", "坡地", "西至路", 5.0, "", 5.0, 1.0, 3.0, "", ""],
        ["合计", "", "", "", 15.0, 6.0, 9.0, 2.0, 6.0, "", ""],
    ]
    found = only_table(write(tmp_path / "a.xlsx", rows))
    table, form = conformed(found), form_of(found)
    assert (table.columns["area_mu"].to_pylist(), table.columns["household_mu"].to_pylist()) == ([10_000_000, 5_000_000], [6_000_000, None])
    assert [v["row"] for k, v in form.notes if k == "form.identity"] == [7], "5 亩 are not 1 + 3"
    assert form.rows[0].values["area_let"] == 3_000_000


def test_debts_are_stated_in_the_unit_of_the_form(tmp_path: Path) -> None:
    rows = printed("11-1", "农清明细11-1 短期借款清查登记表")
    rows[3] = ["填报单位：新寨村", "", "", "金额单位：万元"]
    table = conformed(only_table(write(tmp_path / "a.xlsx", rows)))
    assert (table.ledger, table.columns["kind"].to_pylist(), table.columns["amount"].to_pylist()) == ("claims", ["债务"], [100_000_000])
    assert table.columns["due_on"].to_pylist() == [dt.date(2025, 12, 1)]


# ---- one form against another --------------------------------------------------------------------------------


def county(folder: Path, line_19: float) -> Intake:
    (folder / "audit.toml").parent.mkdir(parents=True, exist_ok=True)
    (folder / "audit.toml").write_text('county = "青禾县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    village = folder / "云溪镇" / "新寨村"
    for number in ("01", "03", "08-1", "08-2", "18-1", "20"):
        write(village / f"农清明细{number}.xlsx", printed(number, f"农清明细{number} {FORMS[number][0]}"))
    heads = FORMS["19-1"][2]
    body = [
        ["货币资金", 1.0, 100.0, 100.0, "短期借款", 20.0, 0.0, 0.0],
        ["应收款项", 2.0, line_19, 100.0, "应付款项", 21.0, 0.0, 0.0],
        ["固定资产原值", 5.0, 200.0, 200.0],
        ["减：累计折旧", 6.0, 40.0, 40.0],
        ["固定资产净值", 7.0, 160.0, 160.0],
    ]
    write(village / "农清明细19-1.xlsx", [["农清明细19-1"], ["资产负债表（组织类）"], heads, *body])
    settings: Settings = load_settings(folder, CATALOG, today=dt.date(2026, 1, 31))
    (folder.parent / "frames").mkdir(exist_ok=True)
    return read_workspace(folder, folder.parent / "frames", CATALOG, settings)


def test_the_forms_of_a_village_add_up_to_its_balance_sheet(tmp_path: Path) -> None:
    told = [n for s in county(tmp_path / "青禾县", 100.0).sources for n in s.notes if "相加" in n]
    assert told == []


def test_a_form_that_was_sent_twice_counts_once(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    write(tmp_path / "青禾县" / "云溪镇" / "新寨村" / "最终版2.xlsx", printed("01", "农清明细01 货币资金清查登记表", above=7))
    told = [n for s in county(tmp_path / "青禾县", 100.0).sources for n in s.notes if "相加" in n]
    assert told == []
    figures = pq.read_table(tmp_path / "frames" / "forms.parquet").to_pylist()
    assert len([r for r in figures if (r["form"], r["item"], r["column"]) == ("01", "库存现金", "verified")]) == 1


def test_a_form_that_its_balance_sheet_does_not_agree_with_is_named_with_both_sums(tmp_path: Path) -> None:
    intake = county(tmp_path / "青禾县", 120.0)
    told = [(s.file.split("/")[-1], n) for s in intake.sources for n in s.notes if "相加" in n]
    assert told == [("农清明细03.xlsx", "表 03 相加 100.00，与表 19-1“应收款项”的账面数 120.00 不一致")]


def test_a_form_that_no_ledger_takes_is_kept_named_and_no_problem(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    intake = county(tmp_path / "青禾县", 100.0)
    assert intake.problems == ()
    kept = {s.file.split("/")[-1]: s for s in intake.sources if not s.ledger}
    assert set(kept) == {"农清明细01.xlsx", "农清明细19-1.xlsx", "农清明细20.xlsx"}
    assert kept["农清明细01.xlsx"].notes[0] == "清产核资表 01 货币资金清查登记表：已留存并核对合计，不进台账"
    assert kept["农清明细01.xlsx"].unmapped_columns == ()
    figures = pq.read_table(tmp_path / "frames" / "forms.parquet").to_pylist()
    assert {(r["form"], r["item"], r["column"], r["value"]) for r in figures} >= {
        ("01", "库存现金", "verified", 10000),
        ("20", "农用地", "area", 10_000_000),
    }


def test_read_tells_columns_of_the_form_that_the_ledger_does_not_use_from_unknown_ones(tmp_path: Path) -> None:
    rows = [[*r, "怪名栏" if n == 4 else "怪" if n > 4 else ""] for n, r in enumerate(printed("08-1", "固定资产清查登记表"))]
    [sheet] = describe_file(write(tmp_path / "表.xlsx", rows), CATALOG, 2025).sheets
    unused = {c.header: c.is_known for c in sheet.columns if not c.field}
    assert (sheet.ledger, unused) == ("fixed_assets", {"序号": True, "怪名栏": False})


def test_read_shows_which_form_a_sheet_is(tmp_path: Path) -> None:
    (sheet,) = describe_file(write(tmp_path / "a.xlsx", printed("16", "农清明细16 所有者权益清查登记表")), CATALOG, 2025, "en").sheets
    assert sheet.notes == ("asset-check form 16 Equity: kept and added up; it feeds no ledger",)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("layout: list\n    columns: [day,", "layuot: list\n    columns: [day,", ("account_books.yaml:30", "forms.cash-book", "layuot")),
        ("columns: [day, month,", "columns: [day, mnth,", ("account_books.yaml:31", "forms.cash-book.columns[1]", "month")),
        ("day: {type: date,", "day: {type: dates,", ("account_books.yaml:12", "columns.day.type", "date")),
    ],
)  # fmt: skip
def test_a_mistake_in_a_form_is_named_at_its_line_with_candidates(before: str, after: str, says: tuple[str, ...], tmp_path: Path) -> None:
    from auditlib.catalog.forms import load_forms
    from auditlib.catalog.places import expectations
    from auditlib.words.errors import CatalogError

    text = (expectations() / "forms" / "account_books.yaml").read_text(encoding="utf-8")
    assert text.count(before) == 1
    (tmp_path / "account_books.yaml").write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        load_forms(tmp_path)
    assert all(part in str(caught.value) for part in says), caught.value


@pytest.mark.parametrize("year", [2018, 2024, 2031])
def test_what_was_found_last_year_is_known_whatever_year_the_head_names(year: int) -> None:
    """The summary of the yearly check prints the year of the check before."""
    assert FINDER.forms.columns_of("19-1", ["项目", f"{year}年核实数", "核实数"]) == {"item": 0, "last_year": 1, "verified": 2}
