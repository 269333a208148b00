"""The county of the browser tests: small, so that an audit takes a second, with something for every page of the workbook.

Names that are only alike (for the reconciliation), hostile text in every ledger, a register of contracts with more findings than
a page of the grid holds, a table whose head nobody recognises (for the intake), and payments of one amount in one week, in the
books and at the bank, of which nobody can tell which is which.
"""

from __future__ import annotations

from pathlib import Path

from names_county import HOSTILE, names_county, write

CONTRACTS = "白鹭镇/新寨村/合同台账.csv"
UNKNOWN = "白鹭镇/柳塘村/门面登记.csv"  # a table that a person has to settle
_HEAD = (
    "合同编号", "合同名称", "合同类型", "承包方", "签订日期", "开始日期", "结束日期", "年租金", "合同总额", "原件是否存档", "合同状态",
)  # fmt: skip
_DAYS = ("2024-01-01", "2024-01-01", "2028-12-31")


def lab_county(folder: Path) -> Path:
    """Writes the county into `folder`/汀岚县 and returns it."""
    county = names_county(folder)
    numbers = [HOSTILE, *(f"HT-{n:02}" for n in range(1, 22))]  # each stands twice
    twice = [(numbers[n // 2], f"鱼塘{n}", "租赁", f"承租户{n}", *_DAYS, "100.00", "500.00", "是", "履行中") for n in range(44)]
    write(county / CONTRACTS, [_HEAD, *twice])
    shops = [(f"MM-{n}", f"门面{n}", f"租户{n}", "12000", "2024-01-01", "2026-12-31") for n in range(1, 9)]
    head = ("档号", "名头", "租户", "一年收多少", "打头日子", "收尾日子")
    _alike_payments(county / "白鹭镇/新寨村")
    write(county / UNKNOWN, [("柳塘村门面", "", "", "", "", ""), head, *shops, ("合计", "", "", "96000", "", "")])
    return county


def _alike_payments(village: Path) -> None:
    """Three payments of 500 yuan in the books, two at the bank, in one week and without a word that tells them apart."""
    account, books = "6228990401101201", ("日期", "凭证号", "行号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额")
    write(village / "银行账户备案表.csv", [("账号", "开户银行", "账户用途", "户名", "状态", "是否备案"),
                                           (account, "农商行", "基本户", "新寨村", "正常", "是")])  # fmt: skip
    lines = [(f"2025-03-0{n}", f"记-{n}", side, "", code, name, *sums) for n in (3, 4, 5) for side, code, name, *sums in
             (("1", "541", "管理费用", "500.00", ""), ("2", "102", "银行存款", "", "500.00"))]  # fmt: skip
    write(village / "序时账.csv", [books, *lines])
    head = ("账号", "交易日期", "支出金额", "收入金额", "余额", "对方户名", "摘要")
    write(village / "银行对账单.csv", [head, *((account, f"2025-03-0{n}", "500.00", "", f"{9500 - 500 * n}.00", "", "") for n in (4, 5))])
