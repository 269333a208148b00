"""Forms as a township office assembles them from a publication platform and its templates: vouchers and cards printed one under another,
pages of account books, publications with signatures, bank slips, relatives beside the cadre; words of Guangdong, Zhejiang and Sichuan.

Authority: how ledgers really look (domain reference section 9); the forms of 会计基础工作规范 (财政部) for vouchers (article 50) and
account books (article 56); 农村集体经济组织法 on the names of organisations. The words were drawn from the field, not from the demo county.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from auditlib.catalog.load import load_catalog
from auditlib.catalog.settings import load_settings
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import FoundTable, TableFinder
from auditlib.intake.workspace import read_workspace
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
ORGANISATIONS = (
    Organisation("T1", "白石镇", "township"),
    Organisation("V1", "塘边村经济联合社", "village", "T1"),
    Organisation("G3", "塘边村第三经济合作社", "group", "V1"),
    Organisation("G9", "塘边村东头经济合作社", "group", "V1"),
    Organisation("V2", "石三股份经济合作社", "village", "T1"),
)
RESOLVER = Resolver(ORGANISATIONS, CATALOG.words["organisation_names"])
CONFORMER = Conformer(CATALOG, RESOLVER)


def found(rows: Sequence[Sequence[Any]], sheet: str = "Sheet1", file: str = "x.xlsx") -> list[FoundTable]:
    width = max(map(len, rows))
    return FINDER.tables(RawSheet(sheet, [[*r, *[""] * (width - len(r))] for r in rows]), file)


def typed(table: FoundTable, folder: str = "V1") -> Conformed:
    return CONFORMER.conform(table.sheet, table.block, table.recognition, Surroundings("x.xlsx", "Sheet1", folder, "", 2025))


def one(rows: Sequence[Sequence[Any]], folder: str = "V1") -> Conformed:
    (table,) = found(rows)
    return typed(table, folder)


def column(table: Conformed, name: str) -> list[Any]:
    return table.columns[name].to_pylist()


# ---- names of organisations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("塘边经联社", "V1"),
        ("塘边村经济联合社", "V1"),
        ("塘边第三经济社", "G3"),
        ("塘边村三社", "G3"),
        ("白石镇塘边村第3经济合作社", "G3"),
        ("塘边村东头经济社", "G9"),
        ("东头经济社", "G9"),
        ("塘边村东头村民小组", "G9"),
        ("石三经合社", "V2"),
        ("石三股份社", "V2"),
    ],
)
def test_organisations_by_the_short_names_of_their_province(text: str, code: str) -> None:
    assert RESOLVER.resolve(text) == code


def test_a_file_named_after_a_group_by_its_short_name() -> None:
    assert RESOLVER.from_path(("白石镇", "塘边村"), "塘边第三经济社2025年账簿") == ("V1", "G3")


def test_a_list_of_several_villages_that_names_each_once() -> None:
    head = ["组织", "宗地编号", "地类", "实测面积"]
    rows = [
        ["塘边经联社", "A1", "耕地", 1.0],
        ["", "A2", "耕地", 2.0],
        ["", "A3", "耕地", 2.0],
        ["石三股份社", "B1", "耕地", 3.0],
        ["", "B2", "耕地", 3.0],
    ]
    assert one([head, *rows], "T1").org_codes == ("V1", "V1", "V1", "V2", "V2")
    again = ["塘边经联社", "A4", "耕地", 1.0]  # a list that names its organisations line by line: a blank is a blank
    assert one([head, *rows, again], "T1").org_codes == ("V1", "T1", "T1", "V2", "T1", "V1")


# ---- vouchers, account pages, cards ------------------------------------------------------------------------------


def voucher(no: int, day: str, amount: float, invoice: str = "") -> list[list[Any]]:
    return [
        ["记 账 凭 证"],
        ["单位：塘边经联社", "", day, "", f"记字第{no:03d}号", "附单据 2 张"],
        ["摘要", "科目编码", "总账科目", "对方单位", "借方金额", "贷方金额"],
        ["付清扫费", "514", "公益支出", "清洁队", amount, ""],
        ["付清扫费", "102", "银行存款", "清洁队", "", amount],
        ["合计", "", "", "", amount, amount],
        ["会计主管：", "", "审核：李四", "", "制单：王五", "录入日期：2025-03-20"],
        ["审批人：", "赵六", "", "票据号：", invoice, ""],
        [],
    ]


def test_vouchers_printed_one_by_one_are_a_journal() -> None:
    table = one([*voucher(1, "2025年3月5日", 100.0, "36100123"), *voucher(2, "2025年3月6日", 250.5)])
    assert (table.ledger, table.rows) == ("journal", (3, 4, 12, 13))
    assert column(table, "voucher_no") == ["记字第001"] * 2 + ["记字第002"] * 2
    assert column(table, "date") == [dt.date(2025, 3, 5)] * 2 + [dt.date(2025, 3, 6)] * 2
    assert column(table, "attachments") == [2] * 4
    assert column(table, "approver") == ["赵六"] * 4
    assert column(table, "invoice_no") == ["36100123"] * 2 + [None] * 2
    assert column(table, "entered_on") == [dt.date(2025, 3, 20)] * 4  # a day with a label is not the voucher's own
    assert [t.computed - t.stated for t in table.totals] == [0] * 4
    assert [t.label for t in table.totals] == ["合计"] * 4


def test_a_wrong_total_of_a_printed_voucher_is_told() -> None:
    rows = [*voucher(1, "2025年3月5日", 100.0), *voucher(2, "2025年3月6日", 250.5)]
    rows[14][4] = 251.5
    assert [(t.row, t.stated, t.computed) for t in one(rows).totals if t.stated != t.computed] == [(14, 25150, 25050)]


def test_a_journal_with_its_own_numbers_is_not_taken_for_printed_vouchers() -> None:
    rows = [
        ["单位：塘边经联社", "2025年12月31日"],
        ["日期", "凭证号", "摘要", "科目编码", "借方", "贷方"],
        ["2025-03-05", "记-1", "付电费", "514", 1.0, ""],
    ]
    assert column(one(rows), "date") == [dt.date(2025, 3, 5)]


def page(account: str, *lines: tuple[int, int, int, float, float]) -> list[list[Any]]:
    return [
        ["明 细 分 类 账"],
        [f"科目：{account}", "", "", "", "单位：塘边经联社"],
        ["2025年", "", "凭证", "", "摘要", "借方", "贷方", "方向", "余额"],
        ["月", "日", "字", "号", "", "", "", "", ""],
        [1, 1, "", "", "上年结转", "", "", "借", 500.0],
        *([m, d, "记", no, "付电费", debit or "", credit or "", "借", 0.0] for m, d, no, debit, credit in lines),
        [],
    ]


PAGES = [*page("514 公益支出", (3, 5, 1, 80.0, 0), (4, 6, 2, 20.0, 0)), *page("102 银行存款", (3, 5, 1, 0, 80.0), (4, 6, 2, 0, 20.0))]


def test_pages_of_account_books_say_together_what_the_vouchers_say() -> None:
    (table,) = found(PAGES)
    assert len(table.apart) == 2
    journal = typed(table)
    assert column(journal, "account_code") == ["514", "514", "102", "102"]
    assert column(journal, "voucher_no") == ["记-1", "记-2", "记-1", "记-2"]
    assert column(journal, "date") == [dt.date(2025, 3, 5), dt.date(2025, 4, 6)] * 2


def county(root: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    import xlsxwriter

    (root / "白石镇" / "塘边村").mkdir(parents=True)
    (root / "audit.toml").write_text('county = "石桥县"\nfiscal_year = 2025\nas_of = 2026-01-31\n', encoding="utf-8")
    with xlsxwriter.Workbook(str(root / "白石镇" / "塘边村" / "账簿.xlsx")) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    sheet.write(r, c, cell)
    return root


LIST = [["日期", "凭证号", "摘要", "科目编码", "科目名称", "借方", "贷方"], ["2025-03-05", "记-1", "付电费", "514", "公益支出", 80, ""]]


@pytest.mark.parametrize(
    ("sheets", "read"),
    [
        ({"明细账": PAGES}, {"明细账": 4}),
        ({"明细账": PAGES, "序时账": LIST}, {"序时账": 1}),  # the vouchers came: the pages repeat them
        ({"明细账": PAGES[:8]}, {}),  # one page of a set of books is no list of vouchers
    ],
)
def test_account_pages_stand_in_where_no_list_of_vouchers_came(tmp_path: Path, sheets: dict[str, Any], read: dict[str, int]) -> None:
    root = county(tmp_path / "石桥县", sheets)
    intake = read_workspace(root, tmp_path / "frames", CATALOG, load_settings(root, CATALOG, today=dt.date(2026, 2, 1)))
    assert {s.sheet: s.rows_read for s in intake.sources if s.ledger == "journal"} == read


def card(no: str, name: str, idle: str = "") -> list[list[Any]]:
    return [
        ["固定资产卡片"],
        ["卡片编号", no, "资产名称", name, "资产性质", "经营性"],
        ["取得时间", "2014年6月1日", "原值（元）", "12,000.00", "预计使用年限", "10年"],
        ["累计折旧（元）", 9000.0, "净值（元）", 3000.0, "使用状态", "闲置"],
        ["闲置起始时间", idle, "备注", ""],
        [],
    ]


def test_cards_one_under_another_are_a_register() -> None:
    table = one([*card("K1", "碾米机", "2024年6月30日"), *card("K2", "粮仓")])
    assert (table.ledger, table.rows) == ("fixed_assets", (4, 10))
    assert column(table, "asset_no") == ["K1", "K2"]
    assert column(table, "original_value") == [1_200_000, 1_200_000]
    assert column(table, "idle_since") == [dt.date(2024, 6, 30), None]


def test_a_single_card_on_its_own_sheet_is_a_record() -> None:
    assert column(one(card("K1", "碾米机")), "name") == ["碾米机"]


def test_labels_and_values_above_a_table_are_no_card() -> None:
    rows = [
        ["合同编号", "H1", "合同名称", "荒山承包"],
        ["承包方", "张三", "年租金", 500],
        ["应收日期", "应收金额", "实收日期", "实收金额"],
        ["2025-3-1", 500, "", ""],
    ]
    assert all(t.recognition.ledger != "contracts" or t.block.header_rows != (0,) for t in found(rows))


# ---- pages, signatures, totals -----------------------------------------------------------------------------------


def test_lines_under_a_repeated_title_are_no_data() -> None:
    head = ["凭证号", "日期", "摘要", "科目编码", "借方", "贷方"]
    rows = [
        ["序时账簿"],
        ["单位：塘边经联社", "", "", "第1页"],
        head,
        ["记-1", "2025-01-05", "付电费", "514", 1.0, ""],
        ["", "", "过次页", "", 1.0, ""],
        ["序时账簿"],
        ["单位：塘边经联社", "", "", "第2页"],
        head,
        ["", "", "承前页", "", 1.0, ""],
        ["记-1", "2025-01-05", "付电费", "102", "", 1.0],
    ]
    assert one(rows).rows == (3, 9)


def test_what_is_to_be_signed_is_no_head() -> None:
    rows = [
        ["合同号", "承租方", "年租金", "起租日", "到期日"],
        ["H1", "张三", 500, "2024.03.01", "2029.02.28"],
        ["审批人：", "经办人：", "票据号：", "合同号："],
    ]
    (table,) = found(rows)
    assert (table.block.data, table.block.footers) == ((1,), (2,))


def test_a_total_under_two_halves_of_a_list_is_one_row() -> None:
    half = ["股东编号", "姓名", "股数", "分红金额", "签名"]
    rows = [
        ["2025年度分红发放表"],
        [*half, *half],
        ["1", "张三", 1, 10.0, "", "2", "李四", 2, 20.0, ""],
        ["合计", "", 1, 10.0, "", "合计", "", 2, 20.0, ""],
    ]
    left, right = found(rows)
    assert ([len(t.block.data) for t in (left, right)], [len(t.block.totals) for t in (left, right)]) == ([1, 1], [1, 0])


def test_an_amount_with_a_column_a_digit_keeps_its_total_row() -> None:
    digits = list("千百十元角分")
    rows = [
        ["日期", "凭证号", "摘要", "科目编码", "借方金额", *[""] * 5, "贷方金额", *[""] * 5],
        ["", "", "", "", *digits, *digits],
        ["2025-03-05", "记-1", "付电费", "514", "", "¥", "1", "2", "0", "0", *[""] * 6],
        ["2025-03-05", "记-1", "付电费", "102", *[""] * 6, "", "¥", "1", "2", "0", "0"],
        ["合计", "附件 2 张", "", "", "", "¥", "1", "2", "0", "0", "", "¥", "1", "2", "0", "0"],
    ]
    table = one(rows)
    assert (column(table, "debit"), [(t.label, t.stated) for t in table.totals]) == ([1200, None], [("合计", 1200), ("合计", 1200)])


def test_the_side_of_a_group_is_said_by_the_line_above_it() -> None:
    head = ["编号", "往来单位（个人）", "会计科目", "形成时间", "期末余额"]
    rows = [
        ["债权债务公开表"],
        head,
        ["一、债权"],
        ["1", "张三", "112", "2024.3.5", 10.0],
        ["二、债务"],
        ["2", "李四", "211", "2024.3.6", 20.0],
    ]
    assert column(one(rows), "kind") == ["债权", "债务"]


def test_a_date_that_stands_once_above_the_list() -> None:
    rows = [
        ["换届财务移交清册"],
        ["换届选举日期：2025年3月10日"],
        ["编号", "类别", "移交内容", "移交数量", "接收数量", "移交日期"],
        ["1", "印章", "财务专用章", 1, 1, "2025年3月25日"],
    ]
    assert column(one(rows), "elected_on") == [dt.date(2025, 3, 10)]


# ---- publications, bank slips, relatives -------------------------------------------------------------------------


def test_sums_of_a_publication_are_its_figures() -> None:
    rows = [
        ["塘边村2025年第一季度财务公开榜"],
        ["公示时间：2025年4月8日"],
        ["公开项目", "金额"],
        ["本期收入合计", "1,000.00"],
        ["本期支出合计", "800.00"],
        ["期末货币资金余额", "5,000.00"],
        ["村务监督委员会主任（签字）：", ""],
    ]
    table = one(rows)
    assert column(table, "amount") == [100_000, 80_000, 500_000]
    assert set(column(table, "period")) == {"2025Q1"}
    assert set(column(table, "published_on")) == {dt.date(2025, 4, 8)}


def test_the_day_of_each_quarter_stands_under_its_figures() -> None:
    rows = [
        ["2025年度财务收支公开表"],
        ["公开项目", "第一季度", "第二季度", "第三季度"],
        ["本期收入合计", 1.5, 2.5, 3.5],
        ["公示时间", "2025年4月8日", "2025年7月9日", "2025年10月7日"],
    ]
    assert column(one(rows), "published_on") == [dt.date(2025, 4, 8), dt.date(2025, 7, 9), dt.date(2025, 10, 7)]


def test_income_and_spending_published_line_by_line_are_no_statement() -> None:
    rows = [
        ["2025年12月收支明细公开榜"],
        ["日期", "项目内容", "收入", "支出", "经手人"],
        ["2025年12月3日", "付电费", "", 80.0, "张三"],
        ["2025年12月4日", "收租金", 900.0, "", "张三"],
    ]
    (table,) = found(rows, "收支明细公开榜")
    assert (table.recognition.ledger, table.is_set_aside, table.notes[0][0]) == ("", True, "note.publication_lines")


def test_a_columnar_account_repeats_the_vouchers() -> None:
    rows = [
        ["管理费用多栏式明细账"],
        ["日期", "凭证号", "摘要", "合计", "借方", ""],
        ["", "", "", "", "办公费", "差旅费"],
        ["2025-03-05", "记-1", "购纸", 80.0, 80.0, ""],
    ]
    (table,) = found(rows)
    assert (table.recognition.ledger, table.recognition.form) == ("", "columnar-account")


SLIPS = [
    ["交易日期", "付款方", "", "收款方", "", "交易金额（元）", "用途"],
    ["", "户名", "账号", "户名", "账号", "", ""],
    ["20250105", "塘边村经济联合社", "6369000011112222", "电力公司", "6228000033334444", "80.00", "付电费"],
    ["20250120", "张三", "6217000055556666", "塘边村经济联合社", "6369000011112222", "900.00", "交租金"],
]


@pytest.mark.parametrize("above", [[["查询账号：6369000011112222"]], []])
def test_which_side_of_a_bank_slip_is_ones_own_tells_the_direction(above: list[list[Any]]) -> None:
    table = one([*above, *SLIPS])
    assert column(table, "account_no") == ["6369000011112222"] * 2
    assert (column(table, "paid_out"), column(table, "paid_in")) == ([8000, None], [None, 90000])
    assert column(table, "counterparty") == ["电力公司", "张三"]
    assert column(table, "counterparty_account") == ["6228000033334444", "6217000055556666"]


def test_slips_that_give_names_only() -> None:
    rows = [
        ["账号：6369000011112222"],
        ["日期", "付款人", "收款人", "金额", "用途"],
        ["2025-01-05", "塘边经联社", "电力公司", 80.0, "付电费"],
    ]
    table = one([*rows, ["2025-01-20", "张三", "塘边经联社", 900.0, "交租金"]])
    assert (column(table, "paid_out"), column(table, "paid_in")) == ([8000, None], [None, 90000])
    assert column(table, "counterparty") == ["电力公司", "张三"]


def test_slips_of_which_nothing_tells_whose_they_are_have_no_direction() -> None:
    table = one([*SLIPS[:2], SLIPS[2], ["20250120", "李四", "6217000077778888", "王五", "6217000099990000", "9.00", "借款"]])
    assert column(table, "paid_in") == column(table, "paid_out") == [None, None]
    assert any(key == "note.undirected" for key, _ in table.notes)


def test_relatives_beside_the_cadre_are_persons_of_their_own() -> None:
    rows = [
        ["单位", "干部本人", "", "", "近亲属", "", ""],
        ["", "姓名", "职务", "身份证号", "姓名", "与本人关系", "身份证号"],
        ["塘边经联社", "张三", "理事长", "11010519491231002X", "李梅", "配偶", "440524188001010014"],
        ["", "", "", "", "张小", "子女", ""],
        ["石三股份社", "王五", "会计", "", "", "", ""],
    ]
    table = one(rows, "T1")
    assert column(table, "name") == ["张三", "李梅", "张小", "王五"]
    assert column(table, "related_to") == [None, "张三", "张三", None]
    assert column(table, "role") == ["理事长", "配偶", "子女", "会计"]
    assert table.org_codes == ("V1", "V1", "V1", "V2")


@pytest.mark.parametrize("opening", ["年初余额", "期初余额"])
def test_the_side_of_a_balance_under_the_words_of_the_three_column_form(opening: str) -> None:
    rows = [
        ["科目代号", "会计科目", opening, "", "本年累计", "", "年末余额", ""],
        ["", "", "借或贷", "金额", "借方", "贷方", "借或贷", "金额"],
        ["101", "库存现金", "借", 10.0, 5.0, 3.0, "借", 12.0],
        ["211", "应付款", "贷", 7.0, "", "", "贷", 7.0],
    ]
    table = one(rows)
    assert (column(table, "opening_debit"), column(table, "opening_credit")) == ([1000, None], [None, 700])
    assert (column(table, "closing_debit"), column(table, "closing_credit")) == ([1200, None], [None, 700])


def test_the_head_of_a_household_is_not_each_of_its_members() -> None:
    head = [["户号", "户主姓名", "家庭成员", "", "成员编号", "持股数"], ["", "", "成员姓名", "与户主关系", "", ""]]
    table = one([["成员名册"], *head, ["1", "张三", "张三", "户主", "C1", 1], ["", "", "李梅", "配偶", "C2", 2]])
    assert (table.ledger, column(table, "name")) == ("members", ["张三", "李梅"])
    alone = one([["股权户登记册"], ["户号", "户主姓名", "成员编号", "持股数"], ["1", "张三", "C1", 1], ["2", "李四", "C2", 2]])
    assert column(alone, "name") == ["张三", "李四"]
