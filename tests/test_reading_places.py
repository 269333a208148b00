"""Where a value stands: findings name the cell of the file, also for values beside a label on a card or around a voucher.

Authority: the contract, section 1 (values keep their origin: file, sheet, row, column) and section 4 (columns of findings.csv).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from auditlib.catalog.load import load_catalog
from auditlib.cli.main import app_of
from auditlib.intake.excerpt import cell_excerpt
from auditlib.reports.kept_run import kept_run

HEAD = ["摘要", "会计科目", "借方金额", "贷方金额"]
TOTAL = ["合计", "附件 2 张", 12.0, 12.0]
VOUCHERS = [
    *[["记账凭证"], ["2025年3月5日", "", "", "记字第 1 号"], HEAD],
    *[["付电费", "管理费用", 12.0, ""], ["付电费", "银行存款", "", 12.0], TOTAL, ["制单：周明", "", "审核：周明"], []],
    *[["记账凭证"], ["2025年2月30日", "", "", "记字第 2 号"], HEAD],
    *[["付水费", "管理费用", 12.0, ""], ["付水费", "银行存款", "", 12.0], TOTAL, ["制单：周明", "", "审核：孙亮"]],
]


def card(number: str, acquired: str, net: float) -> list[list[Any]]:
    return [
        ["固定资产卡片"],
        ["卡片编号", number, "资产名称", "碾米机", "资产性质", "经营性"],
        ["取得时间", acquired, "原值（元）", 12000.0, "预计使用年限", "10年"],
        ["累计折旧（元）", 9000.0, "净值（元）", net, "使用状态", "自用"],
        [],
    ]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A village's vouchers and cards: a day that is none, a net value that is off, a voucher that its maker reviewed."""
    import xlsxwriter

    root = tmp_path_factory.mktemp("places") / "石桥县"
    village = root / "白石镇" / "塘边村"
    village.mkdir(parents=True)
    (root / "audit.toml").write_text('county = "石桥县"\nfiscal_year = 2025\nas_of = 2026-02-01\n', encoding="utf-8")
    for name, rows in (("凭证", VOUCHERS), ("卡片", [*card("K1", "2014年6月1日", 3500.0), *card("K2", "2月30日", 3000.0)])):
        with xlsxwriter.Workbook(str(village / f"{name}.xlsx")) as book:
            sheet = book.add_worksheet("Sheet1")
            for r, row in enumerate(rows):
                sheet.write_row(r, 0, row)
    found = CliRunner().invoke(app_of(("audit",)), ["audit", str(root), "--out", str(root.parent / "out"), "--lang", "zh"])
    assert found.exit_code == 1, found.output
    return root, root.parent / "out"


@pytest.mark.parametrize(
    ("file", "rule", "records", "cell", "text"),
    [
        ("凭证", "D02", "记字第2", "A10", "2025年2月30日"),
        ("卡片", "D02", "K2", "B8", "2月30日"),
        ("卡片", "D16", "K1", "D4", "3500"),
    ],
)
def test_a_finding_names_the_cell_in_which_the_value_stands(
    out: tuple[Path, Path], file: str, rule: str, records: str, cell: str, text: str
) -> None:
    root, made = out
    with (made / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        found = [r for r in csv.DictReader(stream) if (r["rule"], r["records"]) == (rule, records)]
    assert [f"{r['column']}{r['row']}" for r in found] == [cell]
    shown = cell_excerpt(root, found[0]["source_file"], "Sheet1", int(found[0]["row"]), found[0]["column"], load_catalog())
    assert shown.cell.text == text
    assert file == "凭证" or not shown.header, "the columns of a card have no heads"


def test_signatures_and_numbers_stand_under_and_above_their_vouchers(out: tuple[Path, Path]) -> None:
    run = kept_run(out[1])
    assert run is not None
    (source,) = [s for s in run.run.sources if s.ledger == "journal"]
    places = {n: [source.standing(row, source.column_of(n) or 0) for row in (4, 12)] for n in ("preparer", "voucher_no", "debit")}
    assert places == {"preparer": [(7, "A"), (15, "A")], "voucher_no": [(2, "D"), (10, "D")], "debit": [(4, "C"), (12, "C")]}


def test_no_cell_lies_beyond_the_sheet(out: tuple[Path, Path]) -> None:
    run = kept_run(out[1])
    assert run is not None
    cells = [c for f in run.run.findings for c in f.cells]
    assert cells and {c.column for c in cells} <= set("ABCDEF")
