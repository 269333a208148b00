"""Where the tables of a sheet are: heads, totals, footers, and no row lost (domain reference section 9)."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from auditlib.catalog.load import load_catalog
from auditlib.intake.conform import Conformed, Conformer, Surroundings
from auditlib.intake.layout import Block, find_blocks, header_key, header_paths
from auditlib.intake.owner import Resolver
from auditlib.intake.sheets import RawSheet
from auditlib.intake.tables import TableFinder
from auditlib.words.records import Organisation

CATALOG = load_catalog()
FINDER = TableFinder(CATALOG)
ORGANISATIONS = [
    Organisation("990101000000", "云海县", "county"),
    Organisation("990101101000", "白鹤镇", "township", "990101000000"),
    Organisation("990101101201", "新寨村股份经济合作联合社", "village", "990101101000"),
    Organisation("99010110120103", "新寨村第三村民小组", "group", "990101101201"),
    Organisation("990101101202", "老寨村股份经济合作联合社", "village", "990101101000"),
]
RESOLVER = Resolver(ORGANISATIONS, CATALOG.words["organisation_names"])


def blocks(rows: list[list[Any]]) -> list[Block]:
    return find_blocks(rows, FINDER.vocabulary.weigh, FINDER._words)


def conform(rows: list[list[Any]], name: str = "台账", folder: str = "990101101201", file_org: str = "") -> Conformed:
    sheet = RawSheet(name, rows)
    found = FINDER.tables(sheet, "三资台账.xlsx")[0]
    assert found.recognition.ledger, found.recognition.candidates
    return Conformer(CATALOG, RESOLVER).conform(
        sheet, found.block, found.recognition, Surroundings("三资台账.xlsx", name, folder, file_org, 2025)
    )


ASSETS = ["资产编号", "资产名称", "数量", "原值", "累计折旧", "净值"]
ONE, TWO = ["ZC-1", "办公楼", 1.0, 100.0, 20.0, 80.0], ["ZC-2", "机井", 2.0, 50.0, 10.0, 40.0]


def test_titles_above_and_signatures_below_are_no_data() -> None:
    rows = [["固定资产台账"] + [""] * 5, ["填报单位：新寨村", "", "", "", "单位：元", ""], ASSETS, ONE, TWO,
        ["合计", "", "", 150.0, 30.0, 120.0],
            ["单位负责人：张三    会计：李四    填表日期：2026-01-12"] + [""] * 5]  # fmt: skip
    (block,) = blocks(rows)
    assert (block.header_rows, block.data, block.totals, block.footers) == ((2,), (3, 4), ((5, "合计"),), (6,))


def test_a_head_of_two_merged_rows_is_joined_to_paths() -> None:
    head = [
        ["科目编码", "科目名称", "期初余额", "", "本期发生额", "", "期末余额", ""],
        ["", "", "借方", "贷方", "借方", "贷方", "借方", "贷方"],
    ]
    assert header_paths(head, (0, 1))[2:] == (
        "期初余额›借方",
        "期初余额›贷方",
        "本期发生额›借方",
        "本期发生额›贷方",
        "期末余额›借方",
        "期末余额›贷方",
    )
    table = conform([["2025年科目余额表"] + [""] * 7, *head, ["101", "库存现金", 10.0, "", 5.0, 3.0, 12.0, ""]])
    assert table.ledger == "trial_balance"
    assert {n: table.columns[n].to_pylist() for n in ("opening_debit", "credit", "closing_debit", "fiscal_year")} == {
        "opening_debit": [1000], "credit": [300], "closing_debit": [1200], "fiscal_year": [2025],
    }  # fmt: skip


def test_a_row_of_column_numbers_and_a_head_repeated_on_each_page_are_skipped() -> None:
    rows = [
        ASSETS,
        [1.0, 2.0, 3.0, 4.0, 5.0, "6=4-5"],
        ONE,
        ["本页小计", "", "", 100.0, 20.0, 80.0],
        ASSETS,
        TWO,
        ["本页小计", "", "", 50.0, 10.0, 40.0],
    ]
    (block,) = blocks(rows)
    assert (block.data, [r for r, _ in block.totals], block.skipped) == ((2, 5), [3, 6], (1, 4))


def test_numbered_blank_rows_and_category_rows_are_no_data() -> None:
    rows = [["序号", *ASSETS], ["一、房屋"] + [""] * 6, [1.0, *ONE], [2.0, *TWO], [3.0] + [""] * 6, [""] * 7]
    (block,) = blocks(rows)
    assert (block.data, block.groups, block.skipped) == ((2, 3), (1,), (4, 5))


def test_lines_that_hold_nothing_but_their_printed_number_are_blank_whatever_column_it_stands_in() -> None:
    """资产编号 filled in with 3, 4, 5 before the form was handed out; ZC-9 alone is a record that lacks all else."""
    rows = [ASSETS, ONE, TWO, ["3"] + [""] * 5, [4.0] + [""] * 5, ["ZC-9"] + [""] * 5]
    (block,) = blocks(rows)
    assert (block.data, block.skipped) == ((1, 2), (3, 4)) and 5 in (*block.groups, *block.footers)


def test_two_tables_in_one_sheet_are_two_blocks() -> None:
    rows = [["固定资产台账"] + [""] * 5, ASSETS, ONE, TWO, [""] * 6, ["合同台账"] + [""] * 5,
            ["合同编号", "合同名称", "合同类型", "乙方", "开始日期", "结束日期"],
            ["HT-1", "商铺租赁", "租赁", "张三", "2024-01-01", "2026-12-31"]]  # fmt: skip
    first, second = blocks(rows)
    assert (first.data, second.header_rows, second.data, second.preamble) == ((2, 3), (6,), (7,), (4, 5))
    assert [FINDER.tables(RawSheet("x", rows), "x.xlsx")[i].recognition.ledger for i in (0, 1)] == ["fixed_assets", "contracts"]


def test_totals_are_re_added_and_the_difference_is_known_to_the_fen() -> None:
    table = conform([ASSETS, ONE, TWO, ["合计", "", "", 150.0, 30.0, 124.02]])
    assert {t.field: (t.stated, t.computed) for t in table.totals} == {
        "original_value": (15000, 15000), "accumulated_depreciation": (3000, 3000), "net_value": (12402, 12000),
    }  # fmt: skip


def test_page_totals_add_their_page_and_carried_lines_add_from_the_first_row() -> None:
    rows = [ASSETS, ONE, ["本页小计", "", "", 100.0, "", ""], ["过次页", "", "", 100.0, "", ""], ["承前页", "", "", 100.0, "", ""], TWO,
            ["本页小计", "", "", 50.0, "", ""], ["累计", "", "", 150.0, "", ""], ["合计", "", "", 150.0, "", ""]]  # fmt: skip
    table = conform(rows)
    assert [t.computed for t in table.totals] == [10000, 10000, 10000, 5000, 15000, 15000]
    assert all(t.stated == t.computed for t in table.totals)


def test_a_trial_balance_total_counts_first_level_accounts_only() -> None:
    head = ["科目编码", "科目名称", "期初借方", "期初贷方", "本期借方", "本期贷方", "期末借方", "期末贷方"]
    rows = [
        head,
        ["102", "银行存款", 10.0, "", "", "", 10.0, ""],
        ["10201", "基本户", 10.0, "", "", "", 10.0, ""],
        ["合计", "", 10.0, "", "", "", 10.0, ""],
    ]
    assert all(t.stated == t.computed for t in conform(rows, "科目余额表").totals)


def test_units_stand_in_the_head_the_column_or_the_cell() -> None:
    in_head = conform([["单位：万元"] + [""] * 5, ASSETS, ["ZC-1", "楼", 1.0, 20.664, 7.85232, 12.81168]])
    assert in_head.columns["original_value"].to_pylist() == [20664000]
    in_column = conform([["地块编号", "地块名称", "地类", "面积（公顷）", "使用状态"], ["DK-1", "机动地", "耕地", 2.0, "自营"]])
    assert in_column.columns["area_mu"].to_pylist() == [30_000_000]


def test_header_variants_mean_the_same() -> None:
    for variant in ("原值", "原 值", "原值(元)", "原值（元）", "*原值", "原值："):
        assert header_key(variant) == "原值"
    assert header_key("固定資產编号") == header_key("固定资产编号")
    assert header_key("帐号") == header_key("账号")


# ---- whose rows ----------------------------------------------------------------------------------------------


def test_organisations_are_found_by_every_name_that_offices_use() -> None:
    for name in (
        "990101101201",
        "新寨村",
        "新寨村委会",
        "新寨村村民委员会",
        "新寨股份经济合作联合社",
        "云海县白鹤镇新寨村股份经济合作联合社",
        "白鹤镇新寨村",
    ):
        assert RESOLVER.resolve(name) == "990101101201", name
    for name in ("新寨村三组", "新寨村3组", "新寨村第三村民小组", "新寨村 第三组", "新寨三社"):
        assert RESOLVER.resolve(name) == "99010110120103", name
    assert RESOLVER.resolve("三组", near="990101101201") == "99010110120103"
    assert RESOLVER.resolve("九组", near="990101101201") is None
    assert RESOLVER.mentioned("老寨村2025年三资台账（最终版2）") == "990101101202"


def test_a_code_that_the_register_lacks_falls_to_the_sheet_s_owner_and_is_told() -> None:
    table = conform([["组织代码", *ASSETS], ["990101101201", *ONE], ["990101101909", *TWO]])
    assert table.org_codes == ("990101101201", "990101101201")
    assert [(a.found, a.kind, a.row) for a in table.attributions] == [("990101101909", "unknown", 2)]


def test_a_head_that_names_another_village_than_the_folder_is_told() -> None:
    table = conform([["填报单位：老寨村"] + [""] * 5, ASSETS, ONE], folder="990101101201")
    assert [(a.found, a.kind) for a in table.attributions] == [("老寨村", "disagree")]
    assert table.org_codes == ("990101101202",)


def test_a_group_in_its_village_s_folder_is_no_disagreement() -> None:
    table = conform([["编制单位：新寨村第三村民小组"] + [""] * 5, ASSETS, ONE], folder="990101101201")
    assert (table.org_codes, table.attributions) == (("99010110120103",), ())


def test_a_group_column_completes_the_village() -> None:
    table = conform([["组别", *ASSETS], ["三组", *ONE], ["", *TWO], ["七组", *TWO]])
    assert table.org_codes == ("99010110120103", "990101101201", "990101101201")
    assert [a.found for a in table.attributions] == ["七组"]


# ---- nothing is lost -----------------------------------------------------------------------------------------

CELLS = st.one_of(
    st.just(""), st.text("合计小备注：张三0123456789-/ ", max_size=8), st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 2))
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=6, max_size=6), max_size=25))
def test_every_row_below_a_head_is_data_total_group_footer_or_skipped(body: list[list[Any]]) -> None:
    rows = [["固定资产台账"] + [""] * 5, ASSETS, *body]
    seen: list[int] = []
    for b in blocks(rows):
        seen += [*b.preamble, *b.header_rows, *b.data, *(r for r, _ in b.totals), *b.groups, *b.footers, *b.skipped]
    assert sorted(set(seen)) == list(range(len(rows)))


@settings(max_examples=60, deadline=None)
@given(
    st.permutations(range(6)),
    st.lists(st.tuples(st.integers(1, 10**9), st.text("甲乙丙丁楼井", min_size=1, max_size=6)), min_size=1, max_size=12),
)
def test_a_ledger_reads_the_same_in_any_order_of_columns(order: list[int], items: list[tuple[int, str]]) -> None:
    body = [[f"ZC-{i}", name, 1.0, fen / 100, 0.0, fen / 100] for i, (fen, name) in enumerate(items)]
    rows = [[r[j] for j in order] for r in [ASSETS, *body]]
    table = conform(rows)
    assert table.columns["original_value"].to_pylist() == [fen for fen, _ in items]
    assert table.columns["name"].to_pylist() == [name for _, name in items]
